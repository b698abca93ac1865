// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { pollUntil, withDeadline } from '../../testbed/base/clock/deadline.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import { kernelsAtHand } from './kernels-at-hand.js';
import { counters, mixed, StretchedNodes, withoutElasticOS } from './stretched.js';
import { Tool } from './tool.js';

const TRACEFS = '/sys/kernel/debug/tracing';
const TRACE_CMD = '/usr/bin/trace-cmd';

/** Every event of the module. */
const EVENTS = [
  'eos_contract',
  'eos_decide',
  'eos_fault',
  'eos_jump_arrive',
  'eos_jump_leave',
  'eos_learn',
  'eos_loss',
  'eos_pull',
  'eos_push',
  'eos_stretch',
] as const;

/** What a node's buffer of events gets, KiB; its own size does not hold what PROGRAM does. */
const BUFFER_KIB = 8192;

/** Pulls, pushes, jumps by choice and by need. */
const PROGRAM = ['selfcheck', '1024', '10', 'halves', '500'] as const;

/** An event as the kernel shows it: its name, and its `name=value` words. */
interface Seen {
  readonly event: string;
  readonly at: number;
  readonly fields: ReadonlyMap<string, string>;
}

/** What came of something, and what each node saw meanwhile, home first. */
interface Traced<T> {
  readonly result: T;
  readonly seen: readonly (readonly Seen[])[];
  /** How many events each node's buffer had no room for. */
  readonly lost: readonly number[];
}

const hasTraceCmd = existsSync(TRACE_CMD);
const withTraceCmd = hasTraceCmd ? '; trace-cmd reads them' : ' (no trace-cmd on this machine)';

for (const { line, missing } of kernelsAtHand('release')) {
  const reason = missing ?? withoutElasticOS(line);
  const declare = reason === undefined ? test.serial : test.serial.skip;
  const because = reason === undefined ? '' : ` (${reason})`;

  declare(
    `${line}: trace events agree with the counters, and tell what the policy has decided${withTraceCmd}${because}`,
    async (t) => {
      t.timeout(600_000);
      await using tool = await Tool.make();
      await tool.succeed('up', '--kernel', line, '--nodes', '2', '--memory', '128M', '--no-flow');
      await using nodes = await StretchedNodes.join(tool);

      await agreesWithTheCounters(t, nodes);
      if (hasTraceCmd) await isUnderstoodByTraceCmd(t, nodes);
      await learns(t, nodes);
      await comesHome(t, nodes);
      await losesItsNode(t, nodes);
      await hasAStreamThatHoldsNoModule(t, nodes);
    },
  );
}

/** trace-cmd records the events and understands each format. */
async function isUnderstoodByTraceCmd(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const { tool } = nodes;
  const [home, ...traceCmd] = [nodes.home.name, ...(await bring(nodes, TRACE_CMD))];
  const call = async (...argv: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await tool.succeed('exec', home, '--', ...traceCmd, ...argv);
    return stdout + stderr;
  };
  const ended = async (): Promise<ReadonlyMap<string, string>> =>
    counters(await ofHome(nodes, 'cat', '/proc/elasticos'));
  const before = await ended();
  await call('start', '-e', 'elasticos');
  t.is((await nodes.run(mixed(256), PROGRAM)).code, 0);
  await nodes.allGone();
  await call('stop');
  await call('extract', '-o', '/tmp/trace.dat');
  const report = await call('report', '-N', '-i', '/tmp/trace.dat');
  t.notRegex(report, /failed|unknown|bad op/i);
  const seen = read(report);
  const after = await ended();
  const counted = (name: string): number => Number(after.get(name)) - Number(before.get(name));
  for (const event of ['eos_pull', 'eos_jump_arrive', 'eos_decide', 'eos_stretch'])
    t.true(only(seen, event).length > 0, event);
  t.is(only(seen, 'eos_push').length, counted('pushes'));
  t.is(only(seen, 'eos_jump_leave').length, counted('jumps_out'));
  const kinds = new Set(values(seen, 'eos_pull', 'kind'));
  t.true(
    [...kinds].every((kind) => ['page', 'zero', 'copy', 'kept'].includes(kind)),
    [...kinds].join(),
  );
  // The formats of events that did not happen.
  const all = await tool.run(['exec', home, '--', ...traceCmd, 'check-events', '-N']);
  t.notRegex(all.stdout + all.stderr, /elasticos|eos_/);
  await call('reset');
  await ofHome(nodes, 'sh', '-c', `echo 1 >${TRACEFS}/tracing_on`);
}

/** What both nodes saw of one process is what their counters say when it has ended. */
async function agreesWithTheCounters(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const names = (await ofHome(nodes, 'ls', `${TRACEFS}/events/elasticos`)).split(/\s+/);
  t.deepEqual(names.filter((name) => name.startsWith('eos_')).sort(), [...EVENTS]);
  const { result, seen, lost } = await traced(nodes, async () => nodes.run(mixed(256), PROGRAM));
  t.is(result.code, 0, result.stdout);
  t.deepEqual(lost, [0, 0]);
  const ended = (await nodes.onEach('cat', '/proc/elasticos')).map((text) => counters(text));
  for (const [node, events] of seen.entries()) {
    const counted = (name: string): number => Number(ended[node]?.get(name));
    const on = `node ${String(node)}`;
    const pulls = only(events, 'eos_pull');
    t.true(pulls.length > 10, on);
    t.is(pulls.length, counted('pulls') - counted('moved_hints'), on);
    t.is(sum(pulls, 'pages'), counted('pulled_pages') + counted('pulled_zeroes'), on);
    const pushes = only(events, 'eos_push');
    t.is(pushes.length, counted('pushes'), on);
    t.is(sum(pushes, 'pages'), counted('pushed_pages'), on);
    t.is(sum(pushes, 'names'), counted('pushed_names'), on);
    t.is(only(events, 'eos_jump_leave').length, counted('jumps_out'), on);
    t.is(only(events, 'eos_jump_arrive').length, counted('jumps_in'), on);
    decides(t, events);
    t.true(events.every(({ fields }) => fields.get('node') === String(node)));
    t.true(
      events.every(({ at }, index) => at >= (events[index - 1]?.at ?? 0)),
      'time goes on',
    );
  }
  const [home = [], away = []] = seen;
  t.true(only(home, 'eos_push').length > 0);
  t.deepEqual(
    only(home, 'eos_stretch').map(({ fields }) => [fields.get('peer'), fields.get('error')]),
    [['1', '0']],
  );
  // Each jump has left one node and arrived on the other.
  t.true(only(home, 'eos_jump_leave').length > 10);
  t.deepEqual(values(home, 'eos_jump_leave', 'epoch'), values(away, 'eos_jump_arrive', 'epoch'));
  t.deepEqual(values(away, 'eos_jump_leave', 'epoch'), values(home, 'eos_jump_arrive', 'epoch'));
  const reasons = new Set(values(away, 'eos_jump_leave', 'by'));
  t.true(reasons.has('need'), 'system calls bring it home');
}

/** The numbers of a decision make the decision. */
function decides(t: ExecutionContext, events: readonly Seen[]): void {
  const decisions = only(events, 'eos_decide');
  const faults = only(events, 'eos_fault').filter(({ fields }) => fields.get('by') === 'program');
  t.is(decisions.length, faults.length, 'each fault of the program is decided on');
  const jumps = decisions.filter(({ fields }) => fields.get('choice') === 'jump');
  let pulledHere = false;
  for (const { event, fields } of events) {
    if (event === 'eos_jump_arrive') pulledHere = false;
    if (event !== 'eos_decide') continue;
    const [score = NaN, expected = NaN, threshold = NaN] = ['score', 'expected', 'threshold'].map((name) =>
      Number(fields.get(name)),
    );
    t.is(fields.get('mode'), 'threshold');
    const expects: string = pulledHere && score > 0 && score + expected >= threshold ? 'jump' : 'pull';
    t.is(fields.get('choice'), expects, [...fields].join(' '));
    t.true(Number(fields.get('pull_ns')) > 0);
    pulledHere ||= expects === 'pull';
  }
  const chosen = only(events, 'eos_jump_leave').filter(({ fields }) => fields.get('by') === 'choice');
  t.true(chosen.length > 0 && chosen.length <= jumps.length);
}

/** In adaptive mode the threshold goes up and down, and the events say why. */
async function learns(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const options = ['mode=adaptive', 'threshold=4', 'budget=256', 'delay=5'];
  const { result, seen } = await traced(nodes, async () => nodes.run(options, PROGRAM));
  t.is(result.code, 0, result.stdout);
  const learnt = only(seen.flat(), 'eos_learn');
  t.true(learnt.length > 0);
  for (const { fields } of learnt) {
    const value = (name: string): number => Number(fields.get(name));
    const pays = value('saved_ns') >= value('spent_ns') + Math.floor(value('spent_ns') / 2);
    const next = pays ? Math.max(1, Math.floor(value('before') / 2)) : Math.min(8192, value('before') * 2);
    t.is(value('threshold'), next, [...fields].join(' '));
  }
}

async function comesHome(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const program = ['selfcheck', '1024', '64', 'halves'];
  const { result, seen } = await traced(nodes, async () =>
    nodes.run([...mixed(256), 'contract=300'], program),
  );
  t.is(result.code, 0, result.stdout);
  const [contraction, ...more] = only(seen[0] ?? [], 'eos_contract');
  t.is(more.length, 0);
  t.is(contraction?.fields.get('error'), '0');
  t.true(Number(contraction?.fields.get('pages')) > 0);
}

async function losesItsNode(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const endless = ['selfcheck', '1024', '100000', 'random', '2000'];
  const { seen } = await traced(nodes, async () => {
    await using process = await nodes.begin(mixed(256), endless);
    const [, shell] = await process.pids();
    await nodes.tool.succeed('exec', 'node2', '--', 'kill', '-KILL', String(shell));
    await process.ended();
  });
  const [loss] = only(seen[0] ?? [], 'eos_loss');
  t.is(loss?.fields.get('peer'), '1');
  t.true(Number(loss?.fields.get('error')) < 0);
  t.regex(loss?.fields.get('reason') ?? '', /^node 1 is lost \(-\d+\), /);
}

/** `elastic trace` prints the stream until the module goes, which its reading does not hinder. */
async function hasAStreamThatHoldsNoModule(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const { tool } = nodes;
  await using reader = await tool.start('exec', 'node1', '--', 'elastic', 'trace');
  const lines: string[] = [];
  if (reader.stdout === undefined) throw new Error('the command has no standard output');
  createInterface({ input: reader.stdout }).on('line', (text) => lines.push(text));
  const wait = { deadlineMs: 60_000, everyMs: 200, clock: systemClock, signal: tool.signal };
  await pollUntil({ ...wait, what: 'a reader of the trace' }, async () => {
    const pids = await tool.run(['exec', 'node1', '--', 'pidof', 'elastic']);
    return pids.code === 0 || undefined;
  });
  // It has switched the events on when there are any.
  await pollUntil({ ...wait, what: 'a line of the trace' }, async () => {
    t.is((await nodes.run(mixed(256), PROGRAM)).code, 0);
    return lines.length > 0 || undefined;
  });
  await nodes.allGone();
  await nodes.stopShells();
  await withDeadline({ ...wait, what: 'rmmod beside a reader' }, async () => nodes.unload());
  const { code } = await withDeadline({ ...wait, what: 'the end of the reader' }, async () => reader.exited);
  t.is(code, 0);
  const form = /^\d+ \d+ 0 (\w+) [0-9a-f]+ [01] \d+( .*)?$/;
  t.deepEqual(
    lines.filter((text) => !form.test(text)),
    [],
  );
  const words = new Set(lines.map((text) => form.exec(text)?.[1]));
  for (const word of ['pull', 'push', 'jump', 'arrive', 'fault', 'decide']) t.true(words.has(word), word);
  t.is((await tool.run(['exec', 'node1', '--', 'elastic', 'trace'])).code, 69, 'without the module');
}

/** Runs something with the events switched on. */
async function traced<T>(nodes: StretchedNodes, run: () => Promise<T>): Promise<Traced<T>> {
  const set = async (file: string, value: string): Promise<unknown> =>
    nodes.onEach('sh', '-c', `echo ${value} >${TRACEFS}/${file}`);
  await set('buffer_size_kb', String(BUFFER_KIB));
  await set('trace', '');
  await set('events/elasticos/enable', '1');
  const result = await run();
  await nodes.allGone();
  await set('events/elasticos/enable', '0');
  const stats = await nodes.onEach('sh', '-c', `cat ${TRACEFS}/per_cpu/cpu*/stats`);
  const texts = await nodes.onEach('cat', `${TRACEFS}/trace`);
  return { result, seen: texts.map((text) => read(text)), lost: stats.map((text) => lostOf(text)) };
}

/** Of the statistics of a node's buffers, one for each processor. @returns how many events they had no room for */
function lostOf(stats: string): number {
  return [...stats.matchAll(/^overrun: (\d+)$/gm)].reduce((total, [, lost]) => total + Number(lost), 0);
}

function read(text: string): readonly Seen[] {
  return [...text.matchAll(/ (\d+\.\d+): (eos_\w+): +(.*)$/gm)].map(([, at, event = '', words = '']) => ({
    event,
    at: Number(at),
    fields: fieldsOf(words),
  }));
}

/** Of `name=value` words. Only a reason has blanks, and it comes last. */
function fieldsOf(words: string): ReadonlyMap<string, string> {
  const [plain = '', reason] = words.split(' reason=');
  const fields = new Map(
    [...plain.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
  );
  return reason === undefined ? fields : fields.set('reason', reason);
}

function only(seen: readonly Seen[], event: string): readonly Seen[] {
  return seen.filter((one) => one.event === event);
}

function values(seen: readonly Seen[], event: string, field: string): readonly string[] {
  return only(seen, event).map(({ fields }) => fields.get(field) ?? '');
}

function sum(seen: readonly Seen[], field: string): number {
  return seen.reduce((total, { fields }) => total + Number(fields.get(field)), 0);
}

async function ofHome(nodes: StretchedNodes, ...argv: readonly string[]): Promise<string> {
  return (await nodes.tool.succeed('exec', nodes.home.name, '--', ...argv)).stdout;
}

/** Puts a program of this machine on the home, with its libraries. @returns how it is called there */
async function bring(nodes: StretchedNodes, program: string): Promise<readonly string[]> {
  const { stdout } = await systemProcesses.succeed(['ldd', program]);
  const libraries = [...stdout.matchAll(/(\/\S+)/g)].map(([path]) => path);
  const loader = libraries.find((path) => basename(path).startsWith('ld-'));
  if (loader === undefined) throw new Error(`${program} is not dynamic`);
  const folder = join(nodes.tool.folder, basename(program));
  await mkdir(folder);
  for (const path of [program, ...libraries]) await copyFile(path, join(folder, basename(path)));
  const there = `/tmp/${basename(program)}`;
  await nodes.tool.succeed('cp', folder, `${nodes.home.name}:${there}`);
  return [join(there, basename(loader)), '--library-path', there, join(there, basename(program))];
}
