// SPDX-License-Identifier: MIT
import { readdir, readFile } from 'node:fs/promises';
import { pollUntil } from '../clock/deadline.js';
import type { Context } from '../host/context.js';
import type { TreePlace } from './place.js';

/** Environment variable by which the processes that work on a tree are known. */
const MARK = 'TESTBED_TREE';

/** How long killed compilers may take to end. */
const END_DEADLINE_MS = 10_000;

/** What a process that works on a tree has in its environment. */
export function strayMark(tree: Pick<TreePlace, 'root'>): Readonly<Record<string, string>> {
  return { [MARK]: tree.root };
}

/**
 * Ends what a killed testbed has left working on a tree: its make goes on compiling when it is killed with SIGKILL.
 * Whoever calls it holds the tree's lock, so that none of these can be anybody else's.
 */
export async function endStrays(
  context: Pick<Context, 'clock' | 'signal'>,
  tree: Pick<TreePlace, 'root'>,
): Promise<void> {
  if ((await strays(tree)).length === 0) return;
  await pollUntil(
    {
      what: `the end of what a killed testbed has left working on ${tree.root}`,
      deadlineMs: END_DEADLINE_MS,
      everyMs: 20,
      clock: context.clock,
      signal: context.signal,
    },
    async () => {
      // Again and again: a make that is being killed may just have started another compiler.
      const left = await strays(tree);
      for (const pid of left) kill(pid);
      return left.length === 0 ? true : undefined;
    },
  );
}

async function strays(tree: Pick<TreePlace, 'root'>): Promise<readonly number[]> {
  const mark = `${MARK}=${tree.root}`;
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const environment = await readFile(`/proc/${name}/environ`, 'latin1').catch(() => '');
    if (environment.split('\0').includes(mark)) found.push(Number(name));
  }
  return found;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}
