// SPDX-License-Identifier: MIT
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { pollUntil } from '../../testbed/base/clock/deadline.js';
import type { Finished } from '../../testbed/base/process/process-runner.js';
import { answerTo } from '../../testbed/experiment/workload/oracle/answer.js';
import { parseReport } from '../../testbed/experiment/workload/report.js';
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

/** Those that lend to node1. A node lends all that it has to the first process that asks. */
const OTHERS = ['node2', 'node3'] as const;
const MIB = 2 ** 20;
/** Home's memory in MiB, and a testbed whose other nodes can lend more than twice as much. */
const HOME = 112;
const UNEQUAL = {
  name: 'unequal',
  nodes: { count: 3 },
  memory: { computeNode: `${String(HOME)}M`, memoryNode: '288M' },
} as const;
const BUDGET = ['--budget', '12M'] as const;
const RUN = { workload: 'linear-search', bytes: 16 * MIB, seed: 7n } as const;
const SEARCH = `${RUN.workload} --bytes ${RUN.bytes} --seed ${RUN.seed}`;

/** What a manager notes of a shell, and whose it is. */
const SHELL = /^shell \d+: node \d+ of ([0-9a-f]+)/gm;

/** What `elastic run` says of a process with threads. */
const TOLD = /^elastic: \d+ \(threads\) has more than one thread: it runs on, and is not stretched$/gm;

for (const { line, missing } of kernelsAtHand('release')) {
  const why = missing ?? withoutElasticOS(line);
  const declare = why === undefined ? test.serial : test.serial.skip;
  const because = why === undefined ? '' : ` (${why})`;

  declare(
    `${line}: threads are told once, and children are stretched like the program that started them${because}`,
    async (t) => {
      t.timeout(900_000);
      await using tool = await Tool.make();
      const scenario = join(tool.folder, 'unequal.json');
      await writeFile(scenario, JSON.stringify(UNEQUAL));
      await tool.succeed('up', scenario, '--kernel', line, '--no-flow');
      await tool.succeed('flow', 'setup-dest');
      await tool.succeed('flow', 'setup-src');
      await threadsAreToldAtOnce(t, tool);
      await threadsAreToldWhenTheyBegin(t, tool);
      await childrenAreLeftAlone(t, tool);
      await childrenAreStretched(t, tool);
      await orphansAreStretched(t, tool);
      await reservesWhatHomeLacks(t, tool);
    },
  );
}

async function on(tool: Tool, node: string, ...words: readonly string[]): Promise<Finished> {
  return await tool.run(['exec', node, '--', ...words]);
}

async function said(tool: Tool, node: string, ...words: readonly string[]): Promise<string> {
  return (await tool.succeed('exec', node, '--', ...words)).stdout;
}

/** What the managers of the other nodes have noted, with each line that matches. */
async function noted(tool: Tool, pattern: RegExp): Promise<readonly RegExpMatchArray[]> {
  const logs = await Promise.all(OTHERS.map(async (node) => said(tool, node, 'cat', '/run/elastic/log')));
  return logs.flatMap((log) => [...log.matchAll(pattern)]);
}

/** How many shells have begun on other nodes. */
async function shellsBegun(tool: Tool): Promise<number> {
  return (await noted(tool, SHELL)).length;
}

/** For how many processes, each of which has a cookie. */
async function stretchedEver(tool: Tool): Promise<number> {
  const shells = await noted(tool, SHELL);
  return new Set(shells.map(([, cookie]) => cookie)).size;
}

/** How often other managers were asked for a shell, whether it became one or not. */
async function adoptionsAsked(tool: Tool): Promise<number> {
  return (await noted(tool, /^(?:shell \d+: node|adopt node)/gm)).length;
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

function answersAreRight(t: ExecutionContext, finished: Finished, count: number): void {
  t.is(finished.code, 0, finished.stderr);
  const reports = finished.stdout.trim().split('\n');
  t.is(reports.length, count, finished.stdout);
  for (const report of reports) t.is(parseReport(report, RUN).checksum, answerTo(RUN).checksum);
}

/** Without --children, the program alone is looked after. */
async function childrenAreLeftAlone(t: ExecutionContext, tool: Tool): Promise<void> {
  const begun = await stretchedEver(tool);
  const script = `${SEARCH} & ${SEARCH} & wait`;
  answersAreRight(t, await on(tool, 'node1', 'elastic', 'run', ...BUDGET, '--', 'sh', '-c', script), 2);
  t.is(await stretchedEver(tool), begun);
}

/** Two children side by side, each forked and then another program, each with a budget of its own. */
async function childrenAreStretched(t: ExecutionContext, tool: Tool): Promise<void> {
  const begun = await stretchedEver(tool);
  const script = `${SEARCH} & ${SEARCH} & wait`;
  const words = ['elastic', 'run', '--children', ...BUDGET, '--', 'sh', '-c', script];
  answersAreRight(t, await on(tool, 'node1', ...words), 2);
  t.is(await stretchedEver(tool), begun + 2);
}

/** A child whose parent has gone before it does anything, and then becomes the program. */
async function orphansAreStretched(t: ExecutionContext, tool: Tool): Promise<void> {
  const begun = await stretchedEver(tool);
  const run = `elastic run --children ${BUDGET.join(' ')} -- sh -c "(sleep 1; exec ${SEARCH} >/tmp/orphan) &"`;
  const wait = 'timeout 120 sh -c "until [ -s /tmp/orphan ]; do usleep 50000; done"';
  const finished = await on(tool, 'node1', 'sh', '-c', `${run} && ${wait} && cat /tmp/orphan`);
  answersAreRight(t, finished, 1);
  t.is(await stretchedEver(tool), begun + 1);
}

/** One allocation of more memory than home has: it is there if all nodes together have it. */
async function reservesWhatHomeLacks(t: ExecutionContext, tool: Tool): Promise<void> {
  const reserve = async (mebibytes: number, ...run: readonly string[]): Promise<Finished> =>
    await on(tool, 'node1', ...run, 'reserve', String(mebibytes));
  const elastic = ['elastic', 'run', '--budget', '20M', '--'] as const;
  for (const share of [1.5, 3]) {
    const { code, stdout, stderr } = await reserve(share * HOME, ...elastic);
    t.is(stdout, 'reserve: 0 wrong\n', stderr);
    t.is(code, 0);
  }
  for (const refused of [await reserve(1.5 * HOME), await reserve(6 * HOME, ...elastic)]) {
    t.is(refused.stdout, 'reserve: refused\n', refused.stderr);
    t.is(refused.code, 3);
  }
}
