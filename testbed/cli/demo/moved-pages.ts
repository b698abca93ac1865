// SPDX-License-Identifier: MIT
import type { TestbedNode } from '../../api/node/testbed-node.js';
import type { Traffic } from '../../api/watch/snapshot.js';
import { pollUntil } from '../../base/clock/deadline.js';
import type { Context } from '../../base/host/context.js';
import { parseEndedCounters } from '../../experiment/run/elastic.js';

/** Most time from the end of a process to the end of its shells. */
const END_MS = 20_000;
/** A stretched process has one at home, and a shell on another node. */
const SESSIONS = 2;

/** What the sessions have moved that have ended since the nodes booted. */
interface Ended extends Traffic {
  readonly sessions: number;
}

/**
 * Runs a program that is stretched, and counts what it moved: exactly, by the module's counters of its nodes.
 * @throws DeadlineError when it was not stretched
 */
export async function countMoved<T>(
  { clock, signal }: Pick<Context, 'clock' | 'signal'>,
  nodes: readonly TestbedNode[],
  body: () => Promise<T>,
): Promise<{ readonly result: T; readonly moved: Traffic }> {
  const before = await endedOn(nodes);
  const result = await body();
  const wait = {
    what: 'the end of the shell of the search',
    deadlineMs: END_MS,
    everyMs: 200,
    clock,
    signal,
  };
  const after = await pollUntil(wait, async () => {
    const now = await endedOn(nodes);
    return now.sessions >= before.sessions + SESSIONS ? now : undefined;
  });
  const moved = {
    jumps: after.jumps - before.jumps,
    pulledPages: after.pulledPages - before.pulledPages,
    pushedPages: after.pushedPages - before.pushedPages,
  };
  return { result, moved };
}

async function endedOn(nodes: readonly TestbedNode[]): Promise<Ended> {
  const each = nodes.map(async (node) => {
    const text = await node.succeed(['cat', '/proc/elasticos']);
    const sessions = Number(/^ended (\d+)$/m.exec(text)?.[1] ?? 0);
    return { sessions, ...parseEndedCounters(node.name, text) };
  });
  return (await Promise.all(each)).reduce((a, b) => ({
    ...a,
    sessions: a.sessions + b.sessions,
    jumps: a.jumps + b.jumps,
    pulledPages: a.pulledPages + b.pulledPages,
    pushedPages: a.pushedPages + b.pushedPages,
  }));
}
