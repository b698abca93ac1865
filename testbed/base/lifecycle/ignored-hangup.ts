// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** SIGHUP in the masks of /proc/PID/status, whose lowest bit is signal 1. */
const SIGHUP_BIT = 1n;

/**
 * Whether whoever started this process wants it to outlive its terminal. Node.js sets every signal back to its default
 * when it starts, so our own disposition no longer says it. But shells name the program that they start in `_`, and what
 * our parent ignores, such as a script under nohup(1), we were started with.
 */
export function hangupIsIgnored(
  environment: NodeJS.ProcessEnv = process.env,
  parent = process.ppid,
): boolean {
  return basename(environment['_'] ?? '') === 'nohup' || ignoresHangup(parent);
}

function ignoresHangup(pid: number): boolean {
  try {
    const [, mask = '0'] =
      /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return (BigInt(`0x${mask}`) & SIGHUP_BIT) !== 0n;
  } catch {
    // The parent has ended.
    return false;
  }
}
