// SPDX-License-Identifier: MIT
import { readdirSync, readFileSync } from 'node:fs';
import { pollUntil } from '../../../base/clock/deadline.js';
import type { Context } from '../../../base/host/context.js';
import type { TreePlace } from './place.js';

/** Environment variable that marks the processes that work on a tree. */
const MARK = 'TESTBED_TREE';

/** How long killed compilers may take to end. */
const END_DEADLINE_MS = 10_000;

/** The environment of a process that works on a tree. */
export function leftoverMark(tree: Pick<TreePlace, 'root'>): Readonly<Record<string, string>> {
  return { [MARK]: tree.root };
}

/**
 * Ends processes that a killed testbed has left working on a tree. When a testbed is killed with SIGKILL, its make goes
 * on compiling. The caller holds the tree's lock, so none of these processes belongs to a testbed that still runs.
 */
export async function endLeftovers(
  context: Pick<Context, 'clock' | 'signal'>,
  tree: Pick<TreePlace, 'root'>,
): Promise<void> {
  if (leftovers(tree).length === 0) return;
  await pollUntil(
    {
      what: `the end of what a killed testbed has left working on ${tree.root}`,
      deadlineMs: END_DEADLINE_MS,
      everyMs: 20,
      clock: context.clock,
      signal: context.signal,
    },
    () => {
      // Repeated, since a make that is being killed may just have started another compiler.
      const left = leftovers(tree);
      for (const pid of left) kill(pid);
      return Promise.resolve(left.length === 0 ? true : undefined);
    },
  );
}

/** Reads synchronously. /proc answers from memory, and asynchronous reads of all its files would take far longer. */
function leftovers(tree: Pick<TreePlace, 'root'>): readonly number[] {
  const mark = `${MARK}=${tree.root}`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(mark))
    .map(Number);
}

function environmentOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    // It has ended, or is another user's.
    return [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process has already ended.
  }
}
