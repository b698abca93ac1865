// SPDX-License-Identifier: MIT
import type { Context } from '../../base/host/context.js';
import type { ArgumentVector, RunOptions } from '../../base/process/process-runner.js';

/** Debian keeps `tc` in a folder that only root's PATH has. */
export const SBIN_PATH = `${process.env['PATH'] ?? '/usr/bin:/bin'}:/usr/sbin:/sbin`;

type Program = 'ip' | 'tc' | 'bridge';

/**
 * Runs the lines of a batch in one process, in the current namespace, and stops at the first that fails.
 * @throws ProgramFailedError with the line's number and the kernel's reason
 */
export async function batch(context: Context, program: Program, lines: readonly string[]): Promise<void> {
  await context.processes.succeed([program, '-batch', '-'], options(lines));
}

/** Why lines of a batch failed, by their index. */
export type BatchFailures = ReadonlyMap<number, string>;

/**
 * Tries every line of a batch in a throw-away namespace.
 * @param enter the command that makes the namespace: `unshare --net --`
 * @returns undefined when the namespace cannot be made
 */
export async function tryBatch(
  context: Context,
  enter: ArgumentVector,
  program: Program,
  lines: readonly string[],
): Promise<BatchFailures | undefined> {
  const { code, stderr } = await context.processes.run(
    [...enter, program, '-force', '-batch', '-'],
    options(lines),
  );
  const failures = batchFailures(stderr);
  return code !== 0 && failures.size === 0 ? undefined : failures;
}

/** Reads `Error: reason` and `Command failed -:3`, which both tools write for a line that failed. */
export function batchFailures(stderr: string): BatchFailures {
  const failures = new Map<number, string>();
  let reason = '';
  for (const line of stderr.split('\n')) {
    const failed = /^Command failed -:(\d+)$/.exec(line);
    if (failed !== null) {
      failures.set(Number(failed[1]) - 1, reason);
      reason = '';
    } else if (line.trim() !== '' && reason === '') {
      reason = line.trim().replace(/^(Error|RTNETLINK answers|open): /, '');
    }
  }
  return failures;
}

/** There is no abort signal: every call takes milliseconds, and a half-done batch is harder to undo than a whole one. */
function options(lines: readonly string[]): RunOptions {
  return {
    input: lines.map((line) => `${line}\n`).join(''),
    env: { PATH: SBIN_PATH, LC_ALL: 'C' },
  };
}
