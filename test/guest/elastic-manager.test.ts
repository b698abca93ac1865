// SPDX-License-Identifier: MIT
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { pollUntil } from '../../testbed/base/clock/deadline.js';
import type { RunOutcome } from '../../testbed/experiment/run/run-plan.js';
import type { Finished } from '../../testbed/base/process/process-runner.js';
import type { CellRecord, ElasticRecord } from '../../testbed/experiment/result/cell-record.js';
import type { SystemId } from '../../testbed/experiment/scenario/scenario.js';
import { answerTo } from '../../testbed/experiment/workload/oracle/answer.js';
import { parseReport } from '../../testbed/experiment/workload/report.js';
import { kernelsAtHand } from './kernels-at-hand.js';
import { withoutElasticOS } from './stretched.js';
import { Tool } from './tool.js';

/** A row of `elastic ps --json`, as far as it is looked at here. */
interface ElasticProcess {
  readonly pid: number;
  readonly name: string;
  readonly state: string;
  readonly policy: string;
  readonly nodes: readonly string[];
}

const MIB = 2 ** 20;
const RUN = { workload: 'heap-sort', bytes: 24 * MIB, seed: 7n } as const;
const PROGRAM = [RUN.workload, '--bytes', String(RUN.bytes), '--seed', String(RUN.seed)];
/** For those whose memory matters, and not what is done with it. */
const SEARCH = { ...RUN, workload: 'linear-search' } as const;
const SEARCHER = [SEARCH.workload, ...PROGRAM.slice(1)];

/** CALM_MS of guests/elastic/manager/decide.c, in seconds. */
const CALM_SECONDS = 3;

for (const { line, missing } of kernelsAtHand('release')) {
  const why = missing ?? withoutElasticOS(line);
  const declare = why === undefined ? test.serial : test.serial.skip;
  const because = why === undefined ? '' : ` (${why})`;

  declare(
    `${line}: managers start, know each other, and stretch a program that does not notice${because}`,
    async (t) => {
      t.timeout(900_000);
      await using tool = await Tool.make();
      await tool.succeed('up', '--kernel', line, '--nodes', '3', '--memory', '128M', '--no-flow');
      await managersKnowEachOther(t, tool);
      await strangersAreRefused(t, tool);
      await idleStrangersKeepNobodyAway(t, tool);
      await aProgramDoesNotNotice(t, tool);
      await commandsAreHeeded(t, tool);
      await aManualProcessStaysStretched(t, tool);
      await aProgramWaitsForANode(t, tool);
      await aProgramWaitsWithoutItsManager(t, tool);
      await aFullProgramWaitsForAnotherNode(t, tool);
      await everythingIsGivenBack(t, tool);
    },
  );

  declare(
    `${line}: an elastic cell keeps its budget, moves, and has every byte right${because}`,
    async (t) => {
      t.timeout(900_000);
      await using tool = await Tool.make();
      const { counters, shells } = await elasticCell(t, tool, line, 'elasticos');
      t.true(counters.jumps > 0);
      t.true((shells[0]?.userSeconds ?? 0) > 0);
    },
  );

  declare(`${line}: a migrated cell goes on elsewhere, and has every byte right${because}`, async (t) => {
    t.timeout(900_000);
    await using tool = await Tool.make();
    const { counters, shells } = await elasticCell(t, tool, line, 'migrate');
    const touched = (64 * MIB) / 4096;
    t.true(counters.pulledPages < touched / 4, `${String(counters.pulledPages)} pages came back`);
    t.true((shells[0]?.userSeconds ?? 0) > 0);
  });
}

/** What the manager and the kernel say of linear search, twice as large as its budget. */
async function elasticCell(
  t: ExecutionContext,
  tool: Tool,
  line: string,
  system: SystemId,
): Promise<ElasticRecord> {
  const words = ['run', 'elasticos-smoke', '--kernel', line, '--only', `${system}/linear-search`, '--json'];
  const finished = await tool.run(words);
  t.is(finished.code, 0, finished.stdout + finished.stderr);
  const { folder } = JSON.parse(finished.stdout) as RunOutcome;
  const path = join(folder, 'cells', system, 'linear-search', '64M', 'r1.json');
  const { measurement } = JSON.parse(await readFile(path, 'utf8')) as CellRecord;
  await rm(folder, { recursive: true });
  if (measurement?.elastic === undefined) throw new Error(`${system} says nothing of the stretched process`);
  return measurement.elastic;
}

async function on(tool: Tool, node: string, ...words: readonly string[]): Promise<Finished> {
  return await tool.run(['exec', node, '--', ...words]);
}

async function said(tool: Tool, node: string, ...words: readonly string[]): Promise<string> {
  return (await tool.succeed('exec', node, '--', ...words)).stdout;
}

async function managersKnowEachOther(t: ExecutionContext, tool: Tool): Promise<void> {
  const early = await tool.run(['flow', 'setup-src']);
  t.not(early.code, 0, 'the source does not begin before its destination');
  t.regex(early.stderr, /run setup-dest\.sh there first/);
  await tool.succeed('flow', 'setup-dest');
  await tool.succeed('flow', 'setup-src');
  const pid = await said(tool, 'node1', 'cat', '/run/elastic/elasticd.pid');
  await tool.succeed('flow', 'setup-src');
  t.is(
    await said(tool, 'node1', 'cat', '/run/elastic/elasticd.pid'),
    pid,
    'running it again changes nothing',
  );
  const nodes = JSON.parse(await said(tool, 'node3', 'elastic', 'nodes', '--json')) as Record<
    string,
    unknown
  >[];
  t.deepEqual(
    nodes.map(({ name, self, error }) => [name, self, error]),
    [
      ['node1', false, undefined],
      ['node2', false, undefined],
      ['node3', true, undefined],
    ],
  );
}

async function strangersAreRefused(t: ExecutionContext, tool: Tool): Promise<void> {
  for (const port of ['9999', '8022']) {
    const stranger = await on(
      tool,
      'node2',
      'sh',
      '-c',
      `dd if=/dev/zero bs=4k count=1 | nc -w 5 node1 ${port} | wc -c`,
    );
    t.is(stranger.stdout.trim(), '0', `a stranger gets no byte from port ${port}`);
  }
  t.is(await said(tool, 'node1', 'cat', '/proc/elasticos'), '', 'the kernel has seen none of it');
  t.regex(
    await said(tool, 'node1', 'cat', '/run/elastic/log'),
    /stranger at 10\.77\.0\.2 refused: Protocol error/,
  );
}

/** Twenty connections to each port that say nothing, and node1 answers all the same. */
async function idleStrangersKeepNobodyAway(t: ExecutionContext, tool: Tool): Promise<void> {
  const silent = 'for i in $(seq 20); do for port in 9999 8022; do sleep 8 | nc node1 $port & done; done';
  await on(tool, 'node2', 'sh', '-c', `(${silent}) >/dev/null 2>&1 & sleep 1`);
  for (const node of ['node2', 'node3']) {
    const nodes = JSON.parse(await said(tool, node, 'elastic', 'nodes', '--json')) as {
      name: string;
      error?: string;
    }[];
    t.like(nodes[0], { name: 'node1', error: undefined }, node);
  }
}

async function aProgramDoesNotNotice(t: ExecutionContext, tool: Tool): Promise<void> {
  const finished = await on(
    tool,
    'node1',
    'elastic',
    'run',
    '--budget',
    '12M',
    '--nodes',
    '3',
    '--',
    ...PROGRAM,
  );
  t.is(finished.code, 0, finished.stderr);
  const { checksum, bytesTouched } = parseReport(finished.stdout, RUN);
  t.deepEqual({ checksum, bytesTouched }, answerTo(RUN));
  for (const node of ['node2', 'node3']) {
    const wait = {
      what: `the end of the shell on ${node}`,
      deadlineMs: 20_000,
      everyMs: 200,
      clock: systemClock,
    };
    const shells = await pollUntil(wait, async () => {
      const { code, stdout } = await on(tool, node, 'cat', '/run/elastic/shells');
      return code === 0 ? stdout : undefined;
    });
    t.is(shells.trim().split('\n').length, 1, `${node} had one shell`);
  }
}

async function commandsAreHeeded(t: ExecutionContext, tool: Tool): Promise<void> {
  const endless = ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=16M'];
  const words = ['elastic', 'run', '--manual', '--budget', '8M', '--', ...endless];
  await using background = await tool.start('exec', 'node1', '--', ...words);
  const { pid } = await until(tool, ({ state }) => state === 'whole');
  const id = String(pid);
  t.is((await on(tool, 'node1', 'elastic', 'stretch', id, 'node3')).code, 0);
  const stretched = await until(tool, ({ state }) => state !== 'whole');
  t.deepEqual([stretched.nodes, stretched.policy], [['node1', 'node3'], 'adaptive']);
  t.is((await on(tool, 'node1', 'elastic', 'stick', id)).code, 0);
  await until(tool, ({ policy }) => policy === 'sticky');
  await aManagerFollowsAnother(t, tool, id);
  t.is((await on(tool, 'node1', 'elastic', 'contract', id)).code, 0);
  await until(tool, ({ state }) => state === 'whole');
  const wrong = await on(tool, 'node1', 'elastic', 'stretch', id, 'node9');
  t.is(wrong.code, 1);
  t.regex(wrong.stderr, /that is no other node/);
  await on(tool, 'node1', 'kill', id);
  await background.exited;
}

/** All of this process fits home again, which contracts one that the manager stretches and contracts by itself. */
async function aManualProcessStaysStretched(t: ExecutionContext, tool: Tool): Promise<void> {
  const endless = ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=1M'];
  const words = ['elastic', 'run', '--manual', '--', ...endless];
  await using background = await tool.start('exec', 'node1', '--', ...words);
  const { pid } = await until(tool, ({ state }) => state === 'whole');
  t.is((await on(tool, 'node1', 'elastic', 'stretch', String(pid), 'node3')).code, 0);
  await said(tool, 'node1', 'sleep', String(CALM_SECONDS + 2));
  const { nodes } = await until(tool, ({ pid: other }) => other === pid);
  t.deepEqual(nodes, ['node1', 'node3']);
  await on(tool, 'node1', 'kill', String(pid));
  await background.exited;
}

/** The next manager knows what the one before it has stretched, and stretches it further. */
async function aManagerFollowsAnother(t: ExecutionContext, tool: Tool, id: string): Promise<void> {
  const manager = (await said(tool, 'node1', 'cat', '/run/elastic/elasticd.pid')).trim();
  await said(tool, 'node1', 'sh', '-c', `kill ${manager}; while kill -0 ${manager}; do usleep 20000; done`);
  await tool.succeed('flow', 'setup-src');
  t.not((await said(tool, 'node1', 'cat', '/run/elastic/elasticd.pid')).trim(), manager);
  const further = await on(tool, 'node1', 'elastic', 'stretch', id, 'node2');
  t.is(further.code, 0, further.stderr);
  const { nodes, policy } = await until(tool, ({ nodes: { length } }) => length > 2);
  t.deepEqual([nodes, policy], [['node1', 'node3', 'node2'], 'sticky']);
}

/** Waits until the one process under node1's manager is as it should be. */
async function until(tool: Tool, right: (process: ElasticProcess) => boolean): Promise<ElasticProcess> {
  const wait = {
    what: 'an elastic process in the right state',
    deadlineMs: 60_000,
    everyMs: 200,
    clock: systemClock,
  };
  return await pollUntil(wait, async () => {
    const rows = JSON.parse(await said(tool, 'node1', 'elastic', 'ps', '--json')) as ElasticProcess[];
    return rows.find(right);
  });
}

/** Where no other manager answers, a process waits at its budget until that is known, and then goes on. */
async function aProgramWaitsForANode(t: ExecutionContext, tool: Tool): Promise<void> {
  for (const node of ['node2', 'node3']) await signalManager(tool, node, 'STOP');
  const finished = await on(tool, 'node1', 'elastic', 'run', '--budget', '12M', '--', ...SEARCHER);
  for (const node of ['node2', 'node3']) await signalManager(tool, node, 'CONT');
  itWaitedOnce(t, finished);
}

/** The kernel knows the budget before the program begins, and still does when that becomes another one. */
async function aProgramWaitsWithoutItsManager(t: ExecutionContext, tool: Tool): Promise<void> {
  const script = `kill -STOP ${await managerOf(tool, 'node1')}; exec ${SEARCHER.join(' ')}`;
  const words = ['elastic', 'run', '--budget', '12M', '--', 'sh', '-c', script];
  const finished = await on(tool, 'node1', ...words);
  await signalManager(tool, 'node1', 'CONT');
  itWaitedOnce(t, finished);
}

function itWaitedOnce(t: ExecutionContext, finished: Finished): void {
  t.is(finished.code, 0, finished.stderr);
  const { checksum, fillNanoseconds } = parseReport(finished.stdout, SEARCH);
  t.is(checksum, answerTo(SEARCH).checksum);
  t.true(fillNanoseconds >= 4e9, `it waited: ${String(fillNanoseconds)} ns`);
  t.true(fillNanoseconds < 19e9, `it waited once: ${String(fillNanoseconds)} ns`);
}

/** With 12 of its 24 MiB at home and 8 on one node, it waits until the other, slow to answer, takes the rest. */
async function aFullProgramWaitsForAnotherNode(t: ExecutionContext, tool: Tool): Promise<void> {
  for (const node of ['node2', 'node3']) await lendAtMost(tool, node, '8M');
  const slowly = 'kill -STOP $0; sleep 3; kill -CONT $0';
  const words = ['elastic', 'run', '--budget', '12M', '--', ...SEARCHER];
  const [finished] = await Promise.all([
    on(tool, 'node1', ...watched(words)),
    said(tool, 'node3', 'sh', '-c', slowly, await managerOf(tool, 'node3')),
  ]);
  t.is(finished.code, 0, finished.stderr);
  t.is(parseReport(finished.stdout, SEARCH).checksum, answerTo(SEARCH).checksum);
  const peak = Number(/(\d+) kB\s*$/.exec(finished.stderr)?.[1]) * 1024;
  t.true(peak < 13 * MIB, `${(peak / MIB).toFixed(1)} MiB at home, and 12 were allowed`);
}

/** A command that says on standard error, again and again, how much of it was resident at most. */
function watched(words: readonly string[]): readonly string[] {
  const script = '"$@" & while grep VmHWM /proc/$!/status >&2 2>/dev/null; do usleep 50000; done; wait $!';
  return ['sh', '-c', script, 'sh', ...words];
}

async function managerOf(tool: Tool, node: string): Promise<string> {
  return (await said(tool, node, 'cat', '/run/elastic/elasticd.pid')).trim();
}

async function signalManager(tool: Tool, node: string, signal: string): Promise<void> {
  await said(tool, node, 'kill', `-${signal}`, await managerOf(tool, node));
}

/** Starts a node's manager anew, as it was but for what it lends. */
async function lendAtMost(tool: Tool, node: string, size: string): Promise<void> {
  const pid = await managerOf(tool, node);
  const words = (await said(tool, node, 'cat', `/proc/${pid}/cmdline`)).split('\0').filter(Boolean);
  await said(tool, node, 'sh', '-c', `kill ${pid}; while kill -0 ${pid}; do usleep 20000; done`);
  await said(tool, node, ...words, '--lend', size);
}

async function everythingIsGivenBack(t: ExecutionContext, tool: Tool): Promise<void> {
  for (const node of ['node1', 'node2', 'node3']) {
    const unloaded = await on(tool, node, 'rmmod', 'elasticos');
    t.is(unloaded.code, 0, `${node}: ${unloaded.stderr}`);
    const again = await on(tool, node, 'modprobe', 'elasticos');
    t.is(again.code, 0, `${node}: ${again.stderr}`);
  }
}
