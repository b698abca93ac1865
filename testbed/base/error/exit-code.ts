// SPDX-License-Identifier: MIT

/**
 * Process exit codes of the `testbed` command; docs/exit-codes.md is written from this table.
 * `testbed exec` is the one exception: it exits with the remote command's own status.
 */
export const ExitCode = {
  Ok: 0,
  /** A cell's result is wrong (bad checksum, no pressure, workload failure). */
  CellFailed: 1,
  /** Unknown command or flag, missing argument. */
  Usage: 2,
  /** A scenario, line definition or other input file is not valid. */
  InvalidInput: 3,
  /** The host lacks something: packages, /dev/net/tun, a new enough QEMU, disk space. */
  Host: 4,
  /** A kernel source cannot be fetched, or is not the expected one. */
  Source: 5,
  /** A patch does not apply, a config symbol did not take, a compiler refused. */
  Build: 6,
  /** A guest did not boot: panic, hang, QEMU exit. */
  Boot: 7,
  /** A guest that had booted died: panic, oops, lockdep or hung-task report, QEMU exit. */
  GuestDied: 8,
  /** An ssh connection was refused, broke, or a transfer failed. */
  Remote: 9,
  /** Another process holds the testbed or the cache. */
  Busy: 10,
  /** The testbed is not running. */
  NotRunning: 11,
  /** A wait reached its deadline. */
  Deadline: 12,
  /** Debian packages are missing, and the tool may not install them. */
  PackagesMissing: 13,
  /** A mistake in the testbed itself. */
  Internal: 70,
  Interrupted: 130,
  /** Whoever read the output has gone: 128 + SIGPIPE, as other programs end. */
  OutputClosed: 141,
  Terminated: 143,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
