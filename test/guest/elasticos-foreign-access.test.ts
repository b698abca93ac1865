// SPDX-License-Identifier: MIT
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { pollUntil } from '../../testbed/base/clock/deadline.js';
import { kernelsAtHand } from './kernels-at-hand.js';
import { ALWAYS_JUMP, mixed, StretchedNodes, type StretchedProcess, withoutElasticOS } from './stretched.js';
import { Tool } from './tool.js';

/** Of which home may have a tenth, so that a reader nearly always meets pages that are elsewhere. */
const PAGES = 512;
/** Only pulls and pushes; a sequence is read ahead by 32 pages. */
const STICKY = ['mode=sticky', 'budget=128', 'delay=5'];

for (const { line, missing } of kernelsAtHand('release')) {
  const reason = missing ?? withoutElasticOS(line);
  const declare = reason === undefined ? test.serial : test.serial.skip;
  const because = reason === undefined ? '' : ` (${reason})`;

  declare(`${line}: nothing ends a stretched process that nobody ordered${because}`, async (t) => {
    t.timeout(600_000);
    await using tool = await Tool.make();
    await tool.succeed('up', '--kernel', line, '--nodes', '2', '--memory', '128M', '--no-flow');
    await using nodes = await StretchedNodes.join(tool);
    await survivesKilledReaders(t, nodes);
    await survivesTracers(t, nodes, line);
    await survivesPins(t, nodes);
    await seesItself(t, nodes);
    await runsCodeOf32Bits(t, nodes);
    await leavesACore(t, nodes);
    if (line !== 'linux-2.6.38.8') await survivesATightGroup(t, nodes);
    await gathersFromEverywhere(t, nodes);
    await forgetsInPieces(t, nodes);
    await nodes.allGone();
  });
}

/** Readers of every kind, each killed by SIGKILL at some moment, one after the other. */
async function survivesKilledReaders(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  await using process = await held(nodes);
  const before = await jumpsOf(nodes);
  const storm = await look(nodes, process, 'storm', '8', '1');
  t.is(storm.code, 0, storm.stdout);
  const killed = /^storm: killed ([\d ]+), ended \d+, the process lives$/m.exec(storm.stdout)?.[1];
  for (const count of (killed ?? '0').split(' ')) t.true(Number(count) > 3, storm.stdout);
  t.true((await jumpsOf(nodes)) > before, 'it went on jumping');
  const [, shell] = await process.pids();
  const looks = `for i in $(seq 300); do cat /proc/${String(shell)}/cmdline; done | wc -c`;
  const seen = await nodes.tool.succeed('exec', 'node2', '--', 'sh', '-c', looks);
  t.is(seen.stdout.trim(), '0', 'bytes of it that everybody on node2 can read');
  const { wrong, complaints } = await process.prove();
  t.is(wrong, 0, complaints.join('\n'));
  await endsWell(t, process);
}

/** What strace and gdb do: attach, read, write, step, stop, detach; and then it goes away again. */
async function survivesTracers(t: ExecutionContext, nodes: StretchedNodes, line: string): Promise<void> {
  await using process = await held(nodes);
  const traced = await look(nodes, process, 'trace');
  t.is(traced.code, 0, traced.stdout);
  t.regex(traced.stdout, line === 'linux-2.6.38.8' ? /^trace: 0 wrong$/m : /^trace: 0 wrong, seized$/m);
  const before = await jumpsOf(nodes);
  const { wrong, complaints } = await process.prove();
  t.is(wrong, 0, complaints.join('\n'));
  await endsWell(t, process);
  t.true((await jumpsOf(nodes)) > before, 'nobody traces it: it jumps');
}

/** Pages in a pipe cannot leave home: the execution comes to them. */
async function survivesPins(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const before = await nodes.counted('forced_stuck', ['node2']);
  const { code, stdout } = await nodes.run(mixed(128), ['onlooker', 'pin', String(PAGES), '24']);
  t.is(code, 0, stdout);
  t.regex(stdout, /^pin: 0 wrong$/m);
  t.true((await nodes.counted('forced_stuck', ['node2'])) > before, 'it met them while it was away');
}

/** mincore tells the truth about pages that other nodes have. */
async function seesItself(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const { code, stdout } = await nodes.run(mixed(128), ['onlooker', 'self', String(PAGES), '8']);
  t.is(code, 0, stdout);
  const resident = Number(/^self: (\d+) resident, 0 wrong$/m.exec(stdout)?.[1]);
  t.true(resident > 0 && resident < PAGES / 2, stdout);
}

/** A jump takes the code segment along. */
async function runsCodeOf32Bits(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const before = await jumpsOf(nodes);
  const { code, stdout } = await nodes.run(ALWAYS_JUMP, ['code32', String(PAGES), '40']);
  t.is(code, 0, stdout);
  t.regex(stdout, /^code32: 0 wrong$/m);
  t.true((await jumpsOf(nodes)) >= before + 40, 'a jump in each round');
}

/** The core of a process that dies where its pages are has every byte of them. */
async function leavesACore(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const home = async (...argv: readonly string[]) =>
    nodes.tool.succeed('exec', nodes.home.name, '--', ...argv);
  await home('sh', '-c', 'echo /tmp/core >/proc/sys/kernel/core_pattern');
  const { code, stdout } = await nodes.run(mixed(128), ['crash', String(PAGES)]);
  t.is(code, 128, stdout);
  t.regex(stdout, /^pair: ended, status 8b$/m, 'SIGSEGV, and a core');
  const address = /^crash (0x[0-9a-f]+)$/m.exec(stdout)?.[1] ?? '';
  const core = await home('crash', 'core', '/tmp/core', address, String(PAGES));
  t.regex(core.stdout, /^core: 0 wrong$/m);
  await home('rm', '/tmp/core');
}

/** A memory group in which the pages of the budget fit, but not all that a pull reads ahead. 2.6.38.8 has none. */
async function survivesATightGroup(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  await using process = await held(nodes, STICKY);
  const group = '/tmp/groups/tight';
  const steps = [
    'mkdir -p /tmp/groups && mount -t cgroup2 none /tmp/groups',
    'echo +memory >/tmp/groups/cgroup.subtree_control',
    `mkdir ${group} && echo 600K >${group}/memory.max && echo ${String(process.pid)} >${group}/cgroup.procs`,
    // the limit shows ten times
    `timeout 30 sh -c 'until grep -q "^max [0-9][0-9]" ${group}/memory.events; do usleep 20000; done'`,
  ];
  await nodes.tool.succeed('exec', nodes.home.name, '--', 'sh', '-ec', steps.join('\n'));
  const events = await nodes.tool.succeed('exec', nodes.home.name, '--', 'cat', `${group}/memory.events`);
  t.regex(events.stdout, /^oom_kill 0$/m);
  await endsWell(t, process);
}

/** Pages of a mapping go and come back whatever lies between them, here a terabyte of nothing. */
async function gathersFromEverywhere(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const { code, stdout } = await nodes.run(mixed(128), ['wide', '256', '2']);
  t.is(code, 0, stdout);
  t.regex(stdout, /^wide: 0 wrong$/m);
}

/** More pieces are given back at once than are noted one by one. */
async function forgetsInPieces(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const { code, stdout } = await nodes.run(mixed(512), ['scatter', '2304', '2']);
  t.is(code, 0, stdout);
  t.regex(stdout, /^scatter: 0 wrong$/m);
}

async function held(nodes: StretchedNodes, options = ALWAYS_JUMP): Promise<StretchedProcess> {
  return await nodes.begin(options, ['onlooker', 'hold', String(PAGES), '120']);
}

/** Runs `onlooker` on the pages of a process that holds some. */
async function look(
  nodes: StretchedNodes,
  process: StretchedProcess,
  how: string,
  ...more: readonly string[]
): Promise<{ readonly code: number | undefined; readonly stdout: string }> {
  const wait = { what: 'the pages to look at', deadlineMs: 30_000, everyMs: 50, clock: systemClock };
  const place = await pollUntil({ ...wait, signal: nodes.tool.signal, excerpt: () => process.output }, () =>
    Promise.resolve(process.output.find((said) => said.startsWith('hold '))),
  );
  const argv = ['onlooker', how, ...place.split(' ').slice(1), String(PAGES), ...more];
  return await nodes.tool.run(['exec', nodes.home.name, '--', ...argv]);
}

/** It ends when it is told to, and every word was what it had to be. */
async function endsWell(t: ExecutionContext, process: StretchedProcess): Promise<void> {
  await process.signal('TERM');
  t.is(await process.ended(), 0, process.output.join('\n'));
  t.true(process.output.includes('hold: 0 wrong, busy'), process.output.join('\n'));
}

async function jumpsOf(nodes: StretchedNodes): Promise<number> {
  return await nodes.counted('jumps_out', [nodes.home.name]);
}
