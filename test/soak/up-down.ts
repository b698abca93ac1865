// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { Tool } from '../guest/tool.js';

export interface UpDownSoak {
  readonly line: string;
  readonly rounds: number;
  readonly say: (text: string) => void;
  /** Ends the soak. */
  readonly signal: AbortSignal;
}

/** What others type meanwhile, again and again. */
const BESIDE = [['list'], ['status'], ['cache'], ['clean']] as const;

/** `status` of a testbed that is not up. */
const NOT_RUNNING = 11;

/**
 * A testbed that comes up and goes down while every command that reads or clears is run in a loop beside it. Each `up` has to
 * give two nodes that answer, each `down` has to leave nothing, and none of the others may fail.
 * @throws Error with what went otherwise
 */
export async function soakUpDown({ line, rounds, say, signal }: UpDownSoak): Promise<void> {
  await using tool = await Tool.make({}, signal);
  const over = new AbortController();
  const loops = Promise.all(BESIDE.map(async (words) => runAgainAndAgain(tool, words, over.signal)));
  // Awaited below; what has failed ends the rounds.
  loops.catch(() => {
    over.abort();
  });
  try {
    for (let round = 1; round <= rounds && !over.signal.aborted; round += 1) {
      const began = systemClock.now();
      await upAndDown(tool, line);
      say(`round ${round} of ${rounds}: ${((systemClock.now() - began) / 1000).toFixed(0)} s`);
    }
  } finally {
    over.abort();
  }
  const counts = await loops;
  say(
    `${rounds} times up and down; beside it ${BESIDE.map(([name], i) => `${name} ${counts[i] ?? 0}`).join(', ')}`,
  );
}

async function upAndDown(tool: Tool, line: string): Promise<void> {
  await tool.succeed('up', '--kernel', line, '--nodes', '2', '--memory', '128M', '--with', 'none');
  for (const node of ['node1', 'node2']) await tool.succeed('exec', node, '--', 'true');
  await tool.succeed('down');
  const { code, stderr } = await tool.run(['status']);
  if (code !== NOT_RUNNING)
    throw new Error(`after \`down\`, \`status\` ended with ${String(code)}: ${stderr}`);
}

/** @returns how often. @throws Error when it fails once */
async function runAgainAndAgain(tool: Tool, words: readonly [string], over: AbortSignal): Promise<number> {
  let count = 0;
  for (; !over.aborted; count += 1) {
    // Object trees take long to make again, so that `clean` has a cache of its own.
    const env = words[0] === 'clean' ? { TESTBED_CACHE: join(tool.folder, 'cache') } : {};
    const { code, stderr } = await tool.run(words, { env });
    const fits = code === 0 || (words[0] === 'status' && code === NOT_RUNNING);
    if (!fits) throw new Error(`${words[0]} ended with ${String(code)}: ${stderr}`);
  }
  return count;
}
