// SPDX-License-Identifier: MIT
import type { Duplex, Readable, Writable } from 'node:stream';

/** A program and its arguments; never a shell string. */
export type ArgumentVector = readonly [file: string, ...arguments_: string[]];

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the testbed's own environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What the program reads on its standard input; nothing when absent. */
  readonly input?: string | Buffer;
  /** Aborting ends the program's whole process group. */
  readonly signal?: AbortSignal;
  /** With SIGKILL (the default), or with SIGTERM for a program that has to clean up, which is then waited for. */
  readonly endedBy?: 'SIGKILL' | 'SIGTERM';
  /** Every line of stdout and stderr as it comes, without its newline. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  /** `buffer` (the default) keeps the output for the result. `discard` does not, for output of any length. */
  readonly keep?: 'buffer' | 'discard';
}

/** How a process ended: exactly one of the two is set. */
export interface Exit {
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
}

export interface Finished extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** One entry for each descriptor, from 0. A number hands over that open descriptor. */
  readonly stdio?: readonly ('pipe' | 'ignore' | 'inherit' | number)[];
  /**
   * What happens to the process when the testbed is killed with SIGKILL: `dies` asks the kernel to kill it
   * (PR_SET_PDEATHSIG), `survives` puts it in a session of its own.
   */
  readonly orphan: 'dies' | 'survives';
}

/** A running child process. Disposal sends SIGTERM, after two seconds SIGKILL, and waits for the end. */
export interface RunningProcess extends AsyncDisposable {
  readonly pid: number;
  readonly argv: ArgumentVector;
  readonly stdin: Writable | undefined;
  readonly stdout: Readable | undefined;
  readonly stderr: Readable | undefined;
  /** By descriptor, from 3 on: our end of each `pipe`, which carries bytes both ways. */
  readonly channels: ReadonlyMap<number, Duplex>;
  /** Resolves when the process has ended and was reaped; never rejects. */
  readonly exited: Promise<Exit>;
  kill(signal: NodeJS.Signals): void;
  /** From now on neither it nor its pipes keep this process from ending. */
  unref(): void;
}

/**
 * The one seam between the testbed and other programs; unit tests put a fake here and nowhere else.
 */
export interface ProcessRunner {
  /**
   * Runs a program to its end, whatever its exit status.
   * @throws ProgramMissingError when there is no such program
   * @throws the signal's reason when aborted
   */
  run(argv: ArgumentVector, options?: RunOptions): Promise<Finished>;
  /**
   * Runs a program that has to succeed.
   * @throws ProgramFailedError on a status other than 0, with the last lines of its output
   */
  succeed(argv: ArgumentVector, options?: RunOptions): Promise<Finished>;
  /** @throws ProgramMissingError when there is no such program */
  start(argv: ArgumentVector, options: StartOptions): Promise<RunningProcess>;
}
