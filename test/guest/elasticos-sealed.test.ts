// SPDX-License-Identifier: MIT
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { pollUntil } from '../../testbed/base/clock/deadline.js';
import { answerTo } from '../../testbed/experiment/workload/oracle/answer.js';
import { parseReport } from '../../testbed/experiment/workload/report.js';
import { kernelsAtHand } from './kernels-at-hand.js';
import { counters, withoutElasticOS } from './stretched.js';
import { Tool } from './tool.js';

const RUN = { workload: 'linear-search', bytes: 24 * 2 ** 20, seed: 7n } as const;
const PROGRAM = [RUN.workload, '--bytes', String(RUN.bytes), '--seed', String(RUN.seed)];

for (const { line, missing } of kernelsAtHand('release')) {
  const reason = missing ?? withoutElasticOS(line);
  const declare = reason === undefined ? test.serial : test.serial.skip;
  const because = reason === undefined ? '' : ` (${reason})`;

  declare(
    `${line}: on a sealed wire nothing can be read or changed, and every byte is right${because}`,
    async (t) => {
      t.timeout(600_000);
      await using tool = await Tool.make();
      await tool.succeed('up', '--kernel', line, '--nodes', '3', '--memory', '128M', '--with', 'none');
      await Promise.all(['node2', 'node3'].map((node) => sealed(tool, node, 'setup-dest.sh')));
      await onNode1(tool, 'sh', '-c', '$EOS_DIR/setup-src.sh');
      await nothingCanBeRead(t, tool);
      await nothingCanBeChanged(t, tool);
      await endsThatDifferNeverBegin(t, tool);
      await aPlainHomeIsRefused(t, tool);
      await endManager(tool);
      await sealed(tool, 'node1', 'setup-src.sh');
      await allConnectionsAreSealed(t, tool);
      await everyByteIsRight(t, tool);
    },
  );
}

/** What a process writes is on a plain wire for everybody to read. */
async function nothingCanBeRead(t: ExecutionContext, tool: Tool): Promise<void> {
  t.regex(await onNode1(tool, 'tamper', 'plain'), /^tamper: plain: both are alive, seen [1-9]\d* times\n$/);
  t.is(await onNode1(tool, 'tamper', 'sealed'), 'tamper: sealed: both are alive, seen 0 times\n');
}

/** Both kernels are on node1. The one that gets the record says so, and loses the other node for it. */
async function nothingCanBeChanged(t: ExecutionContext, tool: Tool): Promise<void> {
  for (const [to, loser] of [
    ['home', /process \d+(?: killed)?: node 1 is lost \(-74\)/g],
    ['shell', /shell \d+ killed: home is lost \(-74\)/g],
  ] as const) {
    const ways = ['flip', 'length', 'replay', 'swap', 'drop'].map((how) => `${how} ${to}`);
    for (const [trial, said] of await tamper(tool, ways)) {
      t.regex(said, /^tamper: .*: process signal \d+, shell signal \d+\n/, trial);
      t.regex(said, /elasticos: a record from node \d was changed, repeated or left out\n/, trial);
      t.is([...said.matchAll(loser)].length, 1, said);
    }
  }
}

/** Where one kernel seals and the other does not, nothing is stretched, and the process lives. */
async function endsThatDifferNeverBegin(t: ExecutionContext, tool: Tool): Promise<void> {
  const said = await tamper(tool, ['only home', 'only shell', 'alike']);
  for (const trial of ['only home', 'only shell'])
    t.regex(said.get(trial) ?? '', /^tamper: .*: errno [1-9]\d*, the process lives, shell signal 9\n/, trial);
  t.regex(said.get('only home') ?? '', /shell \d+ killed: home is lost \(-71\)/);
  t.regex(said.get('only shell') ?? '', /elasticos: node 0 speaks in clear where all has to be sealed\n/);
  // EINVAL: with one key for both directions each nonce would be used twice
  t.regex(said.get('alike') ?? '', /^tamper: alike: errno 22\n/);
}

/** What each trial prints on node1, and after it what the kernel says to it. */
async function tamper(tool: Tool, trials: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const script = 'for trial; do dmesg -c >/dev/null; echo "== $trial"; tamper $trial; dmesg; done';
  const said = await onNode1(tool, 'sh', '-c', script, 'sh', ...trials);
  const parts = said.split(/^== .*\n/m).slice(1);
  return new Map(trials.map((trial, i) => [trial, parts[i] ?? '']));
}

/** A node that is to seal serves nobody who does not, and the user is told why. */
async function aPlainHomeIsRefused(t: ExecutionContext, tool: Tool): Promise<void> {
  await using process = await Endless.begin(tool);
  const { code, stderr } = await tool.run([...ON_NODE1, 'elastic', 'stretch', process.pid, 'node2']);
  t.is(code, 1);
  t.regex(stderr, /its wire is plain, and the other node's is sealed/);
}

async function allConnectionsAreSealed(t: ExecutionContext, tool: Tool): Promise<void> {
  await using process = await Endless.begin(tool);
  for (const node of ['node2', 'node3']) await onNode1(tool, 'elastic', 'stretch', process.pid, node);
  const members = [
    ['node1', ['1', '2']],
    ['node2', ['0', '2']],
    ['node3', ['0', '1']],
  ] as const;
  const shown = members.map(([node]) => tool.succeed('exec', node, '--', 'cat', '/proc/elasticos'));
  for (const [i, { stdout }] of (await Promise.all(shown)).entries()) {
    const [node, others] = members[i] ?? ['', []];
    for (const other of others) t.is(counters(stdout).get(`wire_${other}`), 'sealed', `${node}: ${stdout}`);
  }
}

async function everyByteIsRight(t: ExecutionContext, tool: Tool): Promise<void> {
  const words = ['elastic', 'run', '--budget', '12M', '--nodes', '3', '--', ...PROGRAM];
  const { checksum, bytesTouched } = parseReport(await onNode1(tool, ...words), RUN);
  t.deepEqual({ checksum, bytesTouched }, answerTo(RUN));
}

/** A process under node1's manager that is stretched on command only. */
class Endless implements AsyncDisposable {
  private constructor(
    readonly tool: Tool,
    readonly pid: string,
    readonly background: Awaited<ReturnType<Tool['start']>>,
  ) {}

  static async begin(tool: Tool): Promise<Endless> {
    const program = ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=4M'];
    const background = await tool.start(...ON_NODE1, 'elastic', 'run', '--manual', '--', ...program);
    const wait = { what: 'an elastic process', deadlineMs: 60_000, everyMs: 200, clock: systemClock };
    const pid = await pollUntil(wait, async () => {
      const rows = JSON.parse(await onNode1(tool, 'elastic', 'ps', '--json')) as { pid: number }[];
      return rows[0]?.pid;
    });
    return new Endless(tool, String(pid), background);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tool.run([...ON_NODE1, 'kill', '-KILL', this.pid]);
    await this.background.exited;
  }
}

/** Starts a node's manager by a script of the release. */
async function sealed(tool: Tool, node: string, script: string): Promise<void> {
  const { stdout } = await tool.succeed('exec', node, '--', 'sh', '-c', `EOS_WIRE=sealed $EOS_DIR/${script}`);
  if (!stdout.includes('"wire":"sealed"')) throw new Error(`${node}: ${stdout}`);
}

async function endManager(tool: Tool): Promise<void> {
  const script = 'pid=$(cat /run/elastic/elasticd.pid); kill $pid; while kill -0 $pid; do usleep 20000; done';
  await onNode1(tool, 'sh', '-c', script);
}

const ON_NODE1 = ['exec', 'node1', '--'] as const;

async function onNode1(tool: Tool, ...words: readonly string[]): Promise<string> {
  return (await tool.succeed(...ON_NODE1, ...words)).stdout;
}
