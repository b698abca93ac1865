// SPDX-License-Identifier: MIT
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { pollUntil } from '../../testbed/base/clock/deadline.js';
import { NOISE_LIMIT } from '../../testbed/experiment/run/host-load.js';
import type { RunOutcome } from '../../testbed/experiment/run/run-plan.js';
import type { RunningProcess } from '../../testbed/base/process/process-runner.js';
import type { CellRecord } from '../../testbed/experiment/result/cell-record.js';
import { RunFolder } from '../../testbed/experiment/result/run-folder.js';
import { busyHost } from './busy-host.js';
import { kernelsAtHand } from './kernels-at-hand.js';
import { Tool } from './tool.js';
import { endOfStepAt, longestStep, Stagehand } from './playing.js';
import { alone, elasticSearch, networkSwap, unlucky, type VirtualCell } from './virtual-cells.js';

test('a testbed in virtual time cannot be brought up, for it would take input from the host', async (t) => {
  await using tool = await Tool.make();
  const { code, stderr } = await tool.run(['up', 'scenarios/virtual-time.json']);
  t.is(code, 2);
  t.regex(stderr, /would reach guests in virtual time from the host/);
});

for (const { line, missing } of kernelsAtHand('release')) {
  const declare = missing === undefined ? test.serial : test.serial.skip;
  const because = missing === undefined ? '' : ` (${missing})`;

  // One system for each line: the soak has all of them on both.
  const [what, cell] =
    line === 'linux-2.6.38.8'
      ? (['network swap', networkSwap(line)] as const)
      : (['a stretched process', elasticSearch(line, 2)] as const);

  declare(`${line}: ${what} is the same to the bit on a busy machine${because}`, async (t) => {
    t.timeout(900_000);
    await using tool = await Tool.make();
    const scenario = await scenarioFile(tool, cell);
    const command = ['run', scenario, '--kernel', line, '--json'];
    const finished = await whileBusy(async () => tool.run(command));
    t.is(finished.code, 0, finished.stderr);
    const { folder } = JSON.parse(finished.stdout) as RunOutcome;
    const [{ measurement } = {}] = await (await RunFolder.open(folder)).cells();
    t.true(Number(measurement?.host.others) > NOISE_LIMIT, 'others used the host');
    t.false(measurement?.host.noisy, 'but no figure depends on it');
    const again = await tool.run(['verify', folder]);
    t.is(again.code, 0, again.stdout);
    t.regex(again.stdout, /: identical \([0-9a-f]{16}\)/);
    await rm(folder, { recursive: true });
  });
}

const [kernel] = kernelsAtHand('release').filter(({ missing }) => missing === undefined);
const declare = kernel === undefined ? test.serial.skip : test.serial;

async function whileBusy<T>(body: () => Promise<T>): Promise<T> {
  using _load = busyHost();
  return await body();
}

/** A run of one cell on one node, with its outcome on standard output. */
async function command(tool: Tool): Promise<readonly string[]> {
  const line = kernel?.line ?? '';
  return ['run', await scenarioFile(tool, alone(line)), '--kernel', line, '--json'];
}

declare('another seed makes another run, and the first difference is named', async (t) => {
  t.timeout(900_000);
  await using tool = await Tool.make();
  const finished = await tool.succeed(...(await command(tool)));
  const { folder } = JSON.parse(finished.stdout) as RunOutcome;
  const { code, stdout, stderr } = await tool.run(['verify', folder, '--seed', '2']);
  t.is(code, 1, stderr);
  const instant = /: first difference at (\d+\.\d{9}) s, \S/.exec(stdout)?.[1] ?? '';
  const other = /the second run is kept: (\S+)/.exec(stderr)?.[1] ?? '';
  const [a, b] = await Promise.all([said(folder), said(other)]);
  const earlier = (line: string): boolean => Number(line.split(' ')[0]) < Number(instant);
  t.deepEqual(a.filter(earlier), b.filter(earlier), stdout);
  t.notDeepEqual(a, b);
  for (const run of [folder, other]) await rm(run, { recursive: true });
});

declare('a guest whose QEMU is killed ends its cell, with its last lines', async (t) => {
  t.timeout(300_000);
  await using tool = await Tool.make();
  await using running = await tool.start(...(await command(tool)));
  process.kill((await talkingGuest(tool)).pid, 'SIGKILL');
  const { status, reason, error } = await brokenCell(running);
  t.is(status, 'error');
  t.regex(reason ?? '', /node1.*QEMU has ended/);
  t.true((error?.excerpt ?? []).length > 0, 'the last lines of its console');
});

declare('a guest that hangs ends its cell, which names it and the instant', async (t) => {
  t.timeout(300_000);
  await using tool = await Tool.make({ TESTBED_PATIENCE: '0.5' });
  await using running = await tool.start(...(await command(tool)));
  process.kill((await talkingGuest(tool)).pid, 'SIGSTOP');
  const { status, reason, error } = await brokenCell(running);
  t.is(status, 'error');
  t.regex(reason ?? '', /^virtual time stands still at \d+\.\d{9} s: QEMU of node1 has not moved for \d+ s$/);
  t.true((error?.excerpt ?? []).length > 0, 'the last lines of its console');
});

const INTRUSIONS: readonly (readonly [string, ...string[]])[] = [
  ['exec', 'node1', '--', 'true'],
  ['ssh', 'node1'],
  ['cp', 'node1:/etc/hostname', '/dev/null'],
  ['flow', 'nbd-setup'],
  ['reboot', 'node1'],
  ['crash', 'node1'],
];

declare('nothing from the host reaches guests whose clock runs', async (t) => {
  t.timeout(300_000);
  await using tool = await Tool.make();
  await using running = await tool.start(...(await command(tool)));
  const { run } = await talkingGuest(tool);
  const [name = ''] = await readdir(join(tool.folder, 'state', 'testbeds'));
  for (const [verb, ...rest] of INTRUSIONS) {
    const { code, stderr } = await tool.run([verb, '--name', name, ...rest]);
    t.is(code, 2, `${verb}: ${stderr}`);
    t.regex(stderr, /would reach guests in virtual time from the host/, verb);
  }
  running.kill('SIGINT');
  t.is((await running.exited).code, 130);
  await rm(run, { recursive: true });
});

const LEASE_SECONDS = 2;
/** Seconds that it takes to tell the operator of an end. */
const TELLING = 0.1;
const ENDED = /^failed: the workload was ended by signal [79]: \S/;

declare('a node that does not run, or whose tasks do not, ends a process within 1.5 leases', async (t) => {
  t.timeout(900_000);
  await using tool = await Tool.make();
  const line = kernel?.line ?? '';
  const stagehand = await Stagehand.of(tool, line);
  // A longer delay than others have lets guests run in fewer rounds.
  const setting = { lease: `${String(LEASE_SECONDS)}s`, delay: '500us' };
  const fortune = await stagehand.play(unlucky(line, 2, { ...setting, faults: {} }));
  t.is(fortune.outcome, 'ok');
  const { from, to } = await longestStep(fortune);
  const at = Math.round((from + to) / 2000);
  const node2 = { node: 'node2', from: `${at}us`, to: `${at + 1.75e6 * LEASE_SECONDS}us` };
  for (const fault of ['pauses', 'freezes']) {
    const play = await stagehand.play(unlucky(line, 2, { ...setting, faults: { [fault]: [node2] } }));
    t.regex(play.outcome, ENDED, fault);
    const seconds = (await endOfStepAt(play, at * 1000)) / 1e9 - at / 1e6 - TELLING;
    t.true(seconds > 0.5 * LEASE_SECONDS && seconds < 1.5 * LEASE_SECONDS, `${fault}: ${seconds} s`);
  }
});

/** What the guests of a run said, each line with its instant. */
async function said(folder: string): Promise<readonly string[]> {
  const { consoles, virtualTime } = await onlyCell(folder);
  const files = [...consoles, virtualTime?.transcript ?? ''];
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return texts.flatMap((text) => text.split('\n'));
}

/** The QEMU of node1 once it has printed something, and the folder of its run. */
async function talkingGuest(tool: Tool): Promise<{ readonly pid: number; readonly run: string }> {
  const wait = { what: 'output of node1', deadlineMs: 60_000, everyMs: 100, clock: systemClock };
  return await pollUntil(wait, async () => {
    for (const pid of await readdir('/proc')) {
      const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
      const isOurs = words.some((word) => word.includes(`coordinator=${tool.folder}/`));
      if (!isOurs || !words.includes('node1,debug-threads=on')) continue;
      const folder = dirname(words[words.indexOf('-initrd') + 1] ?? '');
      const spoken = await readFile(join(folder, 'console.log'), 'utf8').catch(() => '');
      const [run = ''] = folder.split('/.scratch/');
      if (spoken !== '') return { pid: Number(pid), run };
    }
    return undefined;
  });
}

/** The cell that a run which ends badly leaves behind; the run is removed. */
async function brokenCell({ stdout, exited }: RunningProcess): Promise<CellRecord> {
  if (stdout === undefined) throw new Error('the command was started without its pipes');
  const { folder } = JSON.parse(await text(stdout)) as RunOutcome;
  await exited;
  const record = await onlyCell(folder);
  await rm(folder, { recursive: true });
  return record;
}

async function onlyCell(folder: string): Promise<CellRecord> {
  const files = await readdir(join(folder, 'cells'), { recursive: true });
  const file = files.find((path) => path.endsWith('.json')) ?? '';
  return JSON.parse(await readFile(join(folder, 'cells', file), 'utf8')) as CellRecord;
}

async function scenarioFile(tool: Tool, { scenario }: VirtualCell): Promise<string> {
  const file = join(tool.folder, 'scenario.json');
  await writeFile(file, JSON.stringify(scenario));
  return file;
}
