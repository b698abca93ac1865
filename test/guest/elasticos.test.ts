// SPDX-License-Identifier: MIT
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { pollUntil } from '../../testbed/base/clock/deadline.js';
import { kernelsAtHand } from './kernels-at-hand.js';
import { ALWAYS_JUMP, counters, mixed, StretchedNodes, withoutElasticOS } from './stretched.js';
import { Tool } from './tool.js';

/** 200 pages, of which home may have a quarter; every visit goes to a random one and writes it anew. */
const RESTLESS = ['selfcheck', '200', '450', 'random'] as const;
/** Pulls, pushes and jumps in turn, read-ahead, and system calls that change the address space. */
const MIXED = mixed(256);

/** What `role` is to whom, and how many messages it may not send as such. See guests/elastic/trials/role.c. */
const FORBIDDEN = [
  ['running', 12],
  ['parked', 9],
  ['home', 4],
  ['other', 9],
] as const;

for (const { line, missing } of kernelsAtHand('release')) {
  const reason = missing ?? withoutElasticOS(line);
  const declare = reason === undefined ? test.serial : test.serial.skip;
  const because = reason === undefined ? '' : ` (${reason})`;

  declare(
    `${line}: a process stretched over two nodes jumps ten thousand times and finds every byte and register${because}`,
    async (t) => {
      t.timeout(600_000);
      await using tool = await Tool.make();
      await tool.succeed('up', '--kernel', line, '--nodes', '2', '--memory', '128M', '--no-flow');
      await using nodes = await StretchedNodes.join(tool);
      const before = await nodes.onEach('cat', '/proc/vmstat');
      const sum = await unstretchedSum(t, tool, RESTLESS);

      const { code, stdout, stderr } = await nodes.run(ALWAYS_JUMP, RESTLESS);
      t.is(code, 0, stdout);
      t.is(sumOf(t, stdout), sum);
      const counted = counters(stderr);
      t.true(Number(counted.get('epoch')) >= 10_000, `epoch ${String(counted.get('epoch'))}`);
      t.true(Number(counted.get('pushed_pages')) > 1000);

      await holdsTheInvariant(t, nodes);
      await survivesKill(t, nodes);
      await comesHome(t, nodes);
      await nodes.stopShells();
      await nodes.allGone();
      await givesEverythingBack(t, nodes, before);
      await nodes.unload();

      await nodes.load();
      await refusesTheUnlike(t, nodes);
      await nodes.startShells();
      const again = await nodes.run(ALWAYS_JUMP, ['selfcheck', '200', '2', 'random']);
      t.is(again.code, 0, again.stdout);
    },
  );

  declare(
    `${line}: two processes from different homes are stretched over three nodes at once${because}`,
    async (t) => {
      t.timeout(1_100_000);
      await using tool = await Tool.make();
      await tool.succeed('up', '--kernel', line, '--nodes', '3', '--memory', '128M', '--no-flow');
      // A program that sees another node's clock sees that it is wrong.
      await tool.succeed('exec', 'node2', '--', 'date', '-s', '@1000000000');
      await tool.succeed('exec', 'node3', '--', 'date', '-s', '@1100000000');
      const program = ['selfcheck', '1024', '10', 'halves', '500'];
      const sum = await unstretchedSum(t, tool, program);
      await using first = await StretchedNodes.join(tool, { port: 7000, home: 'node1' });
      await using second = await StretchedNodes.join(tool, { port: 7100, home: 'node2' });
      const ended = await Promise.all([first.run(MIXED, program), second.run(MIXED, program)]);
      for (const { code, stdout, stderr } of ended) {
        t.is(code, 0, stdout);
        t.is(sumOf(t, stdout), sum);
        t.true(Number(counters(stderr).get('jumps_out')) > 0);
      }
      await first.allGone();
    },
  );

  declare(
    `${line}: one connection serves one process, a shell is not stretched, a stranger sees nothing, roles are kept${because}`,
    async (t) => {
      t.timeout(600_000);
      await using tool = await Tool.make();
      await tool.succeed(
        ...['up', '--kernel', line, '--nodes', '2', '--cpus', '2', '--memory', '128M', '--no-flow'],
      );
      await using nodes = await StretchedNodes.join(tool);
      await answersRightly(t, tool, 'node1', 'socket', '500');
      await answersRightly(t, tool, 'node1', 'reused');
      await answersRightly(t, tool, 'node1', 'stranger');
      for (const [part, messages] of FORBIDDEN) await refusesOutOfTurn(t, tool, part, messages);

      await using process = await nodes.begin(MIXED, ['selfcheck', '1024', '100000', 'random', '2000']);
      const [, shell] = await process.pids();
      await answersRightly(t, tool, 'node2', 'shell', String(shell));
      t.is((await process.prove()).wrong, 0);
    },
  );
}

/** One run of `requests`, which ends with 0 when the kernel answered as it should. */
async function answersRightly(
  t: ExecutionContext,
  tool: Tool,
  node: string,
  ...what: string[]
): Promise<void> {
  const { code, stdout, stderr } = await tool.run(['exec', node, '--', 'requests', ...what]);
  t.is(code, 0, `${stdout}${stderr}`);
}

/** Each message that a member may not send there ends its connection, and the console says which it was. */
async function refusesOutOfTurn(
  t: ExecutionContext,
  tool: Tool,
  part: string,
  messages: number,
): Promise<void> {
  const before = await refusals(tool);
  const { code, stdout, stderr } = await tool.run(['exec', 'node1', '--', 'role', part]);
  t.is(code, 0, `${stdout}${stderr}`);
  t.is((await refusals(tool)) - before, messages, stdout);
}

async function refusals(tool: Tool): Promise<number> {
  const { stdout } = await tool.succeed('exec', 'node1', '--', 'dmesg');
  return [...stdout.matchAll(/elasticos: node \d may not send [A-Z]+ to node \d now\n/g)].length;
}

/** The checker reads page tables: a process that goes on restlessly is stopped and looked at. */
async function holdsTheInvariant(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  await using process = await nodes.begin(MIXED, ['selfcheck', '1024', '100000', 'random', '2000']);
  for (let time = 0; time < 3; time += 1) {
    const { pages, wrong, held, complaints } = await process.prove();
    t.is(wrong, 0, complaints.join('\n'));
    t.true(pages > 1024);
    for (const [node, count] of held.entries()) t.true(count > 100, `node ${String(node)} has pages`);
  }
  // What the module does not count itself: the shell's task has computed. Ticks are few, and the kernel's most of them.
  const [, shell] = await process.pids();
  const wait = { what: 'user time of the shell', deadlineMs: 60_000, everyMs: 500, clock: systemClock };
  await pollUntil(wait, async () => {
    const stat = await nodes.tool.succeed('exec', 'node2', '--', 'cat', `/proc/${String(shell)}/stat`);
    return Number(stat.stdout.split(' ')[13]) > 0 || undefined;
  });
  t.pass();
}

async function survivesKill(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  await using process = await nodes.begin(MIXED, ['selfcheck', '1024', '100000', 'random', '2000']);
  await process.signal('KILL');
  t.is(await process.ended(), 128);
  await nodes.allGone();
}

/** After contraction the process goes on at home alone, and its shells are gone. */
async function comesHome(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const program = ['selfcheck', '1024', '64', 'halves'];
  const sum = await unstretchedSum(t, nodes.tool, program);
  const { code, stdout, stderr } = await nodes.run([...MIXED, 'contract=300'], program);
  t.is(code, 0, stdout);
  t.is(sumOf(t, stdout), sum);
  t.is(stderr.trim(), '', 'it was home alone when it ended');
  await nodes.allGone();
}

/** No page, socket or slab object of thousands of jumps is left behind. */
async function givesEverythingBack(
  t: ExecutionContext,
  nodes: StretchedNodes,
  before: readonly string[],
): Promise<void> {
  const after = await nodes.onEach('cat', '/proc/vmstat');
  for (const [node, text] of after.entries()) {
    const grown = ['nr_anon_pages', 'nr_slab_unreclaimable', 'nr_page_table_pages'].map(
      (name) => Number(counters(text).get(name)) - Number(counters(before[node] ?? '').get(name)),
    );
    for (const pages of grown) t.true(pages < 300, `node ${String(node)} has ${grown.join(', ')} pages more`);
  }
  t.deepEqual(
    (await nodes.onEach('awk', '$1 == "elasticos" { print $3 }', '/proc/modules')).map((text) => text.trim()),
    nodes.nodes.map(() => '0'),
  );
}

/** LZCNT and TZCNT compute something else where they are missing, without a trap. */
async function refusesTheUnlike(t: ExecutionContext, { tool }: StretchedNodes): Promise<void> {
  for (const [word, bit, name] of [
    [6, 5, 'abm'],
    [2, 3, 'bmi1'],
  ] as const) {
    await tool.succeed('exec', 'node1', '--', 'fuzz', 'unlike', String(word), String(bit));
    const console = await tool.succeed('exec', 'node1', '--', 'dmesg');
    t.regex(
      console.stdout,
      new RegExp(`elasticos: node 1 is refused for its processor: (?:no|it has) ${name}\\n`),
    );
  }
}

async function unstretchedSum(t: ExecutionContext, tool: Tool, program: readonly string[]): Promise<string> {
  return sumOf(t, (await tool.succeed('exec', 'node1', '--', ...program)).stdout);
}

function sumOf(t: ExecutionContext, stdout: string): string {
  const [, sum, errors] = /^selfcheck: sum ([0-9a-f]{16}) errors (\d+) /m.exec(stdout) ?? [];
  t.is(errors, '0', stdout);
  return sum ?? '';
}
