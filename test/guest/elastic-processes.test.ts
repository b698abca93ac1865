// SPDX-License-Identifier: MIT
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { pollUntil } from '../../testbed/base/clock/deadline.js';
import type { Finished } from '../../testbed/base/process/process-runner.js';
import { kernelsAtHand } from './kernels-at-hand.js';
import { withoutElasticOS } from './stretched.js';
import { Tool } from './tool.js';

/*
 * What becomes of a command that is more than one process of one thread.
 */

/** A row of `elastic ps --json`, as far as it is looked at here. */
interface ElasticProcess {
  readonly pid: number;
  readonly name: string;
  readonly state: string;
  readonly nodes: readonly string[];
}

const MIB = 2 ** 20;
const BUDGET = ['--budget', '12M'] as const;

/** What `elastic run` says of a process with threads. */
const TOLD = /^elastic: \d+ \(threads\) has more than one thread: it runs on, and is not stretched$/gm;

for (const { line, missing } of kernelsAtHand('release')) {
  const why = missing ?? withoutElasticOS(line);
  const declare = why === undefined ? test.serial : test.serial.skip;
  const because = why === undefined ? '' : ` (${why})`;

  declare(`${line}: threads are told once, and nothing is started elsewhere in vain${because}`, async (t) => {
    t.timeout(900_000);
    await using tool = await Tool.make();
    await tool.succeed('up', '--kernel', line, '--memory', '128M', '--no-flow');
    await tool.succeed('flow', 'setup-dest');
    await tool.succeed('flow', 'setup-src');
    await threadsAreToldAtOnce(t, tool);
    await threadsAreToldWhenTheyBegin(t, tool);
  });
}

async function on(tool: Tool, node: string, ...words: readonly string[]): Promise<Finished> {
  return await tool.run(['exec', node, '--', ...words]);
}

async function said(tool: Tool, node: string, ...words: readonly string[]): Promise<string> {
  return (await tool.succeed('exec', node, '--', ...words)).stdout;
}

/** How many shells have begun on node2, by its manager. */
async function shellsBegun(tool: Tool): Promise<number> {
  const log = await said(tool, 'node2', 'cat', '/run/elastic/log');
  return [...log.matchAll(/^shell \d+: node/gm)].length;
}

/** How often node2's manager was asked for a shell, whether it became one or not. */
async function adoptionsAsked(tool: Tool): Promise<number> {
  const log = await said(tool, 'node2', 'cat', '/run/elastic/log');
  return [...log.matchAll(/^(?:shell \d+: node|adopt node)/gm)].length;
}

/** A row of `elastic ps` on node1, as soon as there is a right one. */
async function until(tool: Tool, right: (process: ElasticProcess) => boolean): Promise<ElasticProcess> {
  const what = 'an elastic process in the right state';
  const wait = { what, deadlineMs: 60_000, everyMs: 200, clock: systemClock };
  return await pollUntil(wait, async () => {
    const rows = JSON.parse(await said(tool, 'node1', 'elastic', 'ps', '--json')) as ElasticProcess[];
    return rows.find(right);
  });
}

/** Three threads from the beginning, and twice as much memory as they may have. */
async function threadsAreToldAtOnce(t: ExecutionContext, tool: Tool): Promise<void> {
  const asked = await adoptionsAsked(tool);
  const words = ['elastic', 'run', ...BUDGET, '--', 'threads', '3', String(24 * MIB), '0', '4000'];
  const [finished] = await Promise.all([
    on(tool, 'node1', ...words),
    until(tool, ({ name, state }) => name === 'threads' && state === 'threads'),
  ]);
  t.is(finished.code, 0, finished.stderr);
  t.is(finished.stdout, 'threads: done\n');
  t.is(finished.stderr.match(TOLD)?.length, 1, finished.stderr);
  t.is(await adoptionsAsked(tool), asked, 'nothing is started elsewhere in vain');
}

/** One thread that is stretched, and comes home when it starts two more. */
async function threadsAreToldWhenTheyBegin(t: ExecutionContext, tool: Tool): Promise<void> {
  const begun = await shellsBegun(tool);
  const words = ['elastic', 'run', ...BUDGET, '--', 'threads', '3', String(24 * MIB), '4000', '4000'];
  const [finished] = await Promise.all([
    on(tool, 'node1', ...words),
    until(tool, ({ name, nodes }) => name === 'threads' && nodes.length > 1),
    until(tool, ({ name, state }) => name === 'threads' && state === 'threads'),
  ]);
  t.is(finished.code, 0, finished.stderr);
  t.is(finished.stdout, 'threads: done\n');
  t.is(finished.stderr.match(TOLD)?.length, 1, finished.stderr);
  t.is(await shellsBegun(tool), begun + 1, 'it was stretched once');
}
