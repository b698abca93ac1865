// SPDX-License-Identifier: MIT
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { RunTimesDifferError } from '../../../testbed/experiment/result/errors.js';
import type { Run } from '../../../testbed/experiment/result/load-run.js';
import {
  type CellComparison,
  compareExactly,
} from '../../../testbed/virtual-time/comparison/exact-comparison.js';
import { NothingToVerifyError } from '../../../testbed/virtual-time/errors.js';
import { writtenRun } from '../../experiment/result/written-run.js';
import { CONSOLE, keptRun, type Left, TRANSCRIPT } from './kept-run.js';

type BothRan = Exclude<CellComparison, { readonly verdict: 'not in both' }>;

/** The only cell of two runs. */
async function onlyCell(a: Run, b: Run): Promise<BothRan> {
  const [cell] = (await compareExactly(a, b)).cells;
  if (cell === undefined || cell.verdict === 'not in both') throw new Error('the cell is in both');
  return cell;
}

/** A usual run against one that has left something else behind. */
async function against(t: ExecutionContext, left: Left): Promise<BothRan> {
  return await onlyCell(await keptRun(t), await keptRun(t, left));
}

test('runs that left the same are identical: no difference in any figure, no input, no parting', async (t) => {
  const cell = await against(t, {});
  t.is(cell.verdict, 'identical');
  t.is(cell.a.digest, cell.b.digest);
  t.deepEqual(cell.inputs, []);
  t.deepEqual([cell.parting, cell.noParting, cell.readDifferently], [undefined, undefined, undefined]);
  t.true(cell.figures.length > 0);
  for (const { difference } of cell.figures) t.is(difference, 0);
});

test('each figure has its exact difference, in per cent of a', async (t) => {
  const cell = await against(t, {
    console: CONSOLE.replace('0.2', '0.3'),
    report: { elapsedNanoseconds: 2_000_000_001 },
    counters: { jumps: 51, pulls: 617 },
    wireBytes: 2 ** 22,
  });
  const figure = (name: string): object | undefined => cell.figures.find((each) => each.figure === name);
  t.like(figure('elapsedNanoseconds'), { a: 2e9, b: 2_000_000_001, difference: 1, percent: 5e-8 });
  t.like(figure('wholeNanoseconds'), { difference: 0, percent: 0 });
  t.like(figure('jumps'), { a: 50, b: 51, difference: 1, percent: 2 });
  t.like(figure('pulls'), { a: 1234, b: 617, difference: -617, percent: -50 });
  t.like(figure('wireBytes'), { difference: 2 ** 21, percent: 100 });
});

test('each phase has its exact time, and together they are the whole run', async (t) => {
  const slower = TRANSCRIPT.replace('3.100000000 begin 6', '3.100000005 begin 6');
  const { phases } = await against(t, { transcript: slower });
  t.deepEqual(
    phases.map(({ phase, name, a, difference }) => [phase, name, a, difference]),
    [
      ['boot', undefined, 1e9, 0],
      ['flow', 'setup-dest', 3e8, 0],
      ['flow', 'setup-src', 2e8, 0],
      ['reading', undefined, 13e8, -5],
      ['workload', undefined, 12e8, 5],
    ],
  );
  t.is(
    phases.reduce((sum, { a }) => sum + (a ?? 0), 0),
    4e9,
  );
});

test('a figure that one run does not have has no difference, and one that was 0 no per cent', async (t) => {
  const [a, b] = [await keptRun(t), await keptRun(t, { console: '' })];
  const [one] = b.cells;
  const { measurement: _, ...rest } = one?.result ?? {};
  const broken = { ...b, cells: [{ ...one, result: { ...rest, status: 'error', reason: 'it broke' } }] };
  const cell = await onlyCell(a, broken as unknown as Run);
  t.like(cell.b, { status: 'error', reason: 'it broke' });
  t.like(cell.figures[0], { figure: 'elapsedNanoseconds', b: undefined, difference: undefined });
  const zero = { console: '', counters: { jumps: 0 } };
  const jumps = (await onlyCell(await keptRun(t, zero), a)).figures.find(({ figure }) => figure === 'jumps');
  t.like(jumps, { a: 0, b: 50, difference: 50, percent: undefined });
});

test('a console line that came a nanosecond later is named with guest, phase and both instants', async (t) => {
  const cell = await against(t, { console: CONSOLE.replace('0.200000000', '0.200000001') });
  t.is(cell.verdict, 'different');
  t.like(cell.parting, {
    kind: 'console',
    where: 'node1',
    atNs: 200_000_000,
    during: { phase: 'boot' },
    a: 'Freeing initrd memory',
    b: 'Freeing initrd memory',
    aNs: 200_000_000,
    bNs: 200_000_001,
  });
});

test('a frame that differs is in the network, between two guests', async (t) => {
  const frames = (mark: number): Left => ({
    frames: [
      { atNs: 1_150_000_000, from: 3, to: 2, mark: 7 },
      { atNs: 2_500_000_000, from: 1, to: 2, mark },
    ],
  });
  const cell = await onlyCell(await keptRun(t, frames(1)), await keptRun(t, frames(2)));
  t.like(cell.parting, {
    kind: 'frame',
    where: 'node1 to node2',
    atNs: 2_500_000_000,
    during: { phase: 'workload' },
  });
  const first = await onlyCell(await keptRun(t, frames(1)), await keptRun(t, { frames: [] }));
  t.like(first.parting, {
    where: 'operator to node2',
    b: undefined,
    during: { phase: 'flow', name: 'setup-dest' },
  });
});

test('what the operator reported otherwise is on the operator, in the phase that it ended', async (t) => {
  const cell = await against(t, { transcript: TRANSCRIPT.replace('3.100000000', '3.200000000') });
  t.like(cell.parting, {
    kind: 'report',
    where: 'operator',
    a: 'begin 6',
    b: 'begin 6',
    during: { phase: 'workload' },
  });
});

for (const [input, name] of [
  ['QEMU', 'qemu'],
  ['plugin', 'lockstep'],
  ['plan', 'plan'],
] as const)
  test(`another ${input} is named`, async (t) => {
    const cell = await against(t, { inputs: { [name]: 'f'.repeat(64) } });
    t.is(cell.verdict, 'identical');
    t.like(cell.inputs, [{ input, b: 'f'.repeat(64) }]);
  });

test('so is another kernel, with the parts that differ', async (t) => {
  const [a, b] = [await keptRun(t), await keptRun(t)];
  const { kernel } = b.record;
  const other = { ...kernel, key: 'f'.repeat(64), patches: [{ name: '0001', sha256: '0'.repeat(64) }] };
  const changed = { ...b, record: { ...b.record, kernel: { ...other, configSha256: '9'.repeat(64) } } };
  const { inputs } = await onlyCell(a, changed);
  t.deepEqual(inputs, [{ input: 'kernel', a: kernel.key, b: other.key, parts: ['config', 'patch 0001'] }]);
  const line = { ...b, record: { ...b.record, kernel: { ...other, line: 'linux-2.6.38.8' } } };
  t.like((await onlyCell(a, line)).inputs[0], { parts: ['linux-6.1, then linux-2.6.38.8'] });
});

test('so is another image', async (t) => {
  const [a, b] = [await keptRun(t), await keptRun(t)];
  const image = { ...b.record.image, key: 'f'.repeat(64) };
  const { inputs } = await onlyCell(a, { ...b, record: { ...b.record, image } });
  t.deepEqual(inputs, [{ input: 'image', a: a.record.image.key, b: image.key }]);
});

test('so is each field of the cell, such as the seed of virtual time', async (t) => {
  const { inputs } = await against(t, { scenario: { virtualTime: { seed: 2 } } });
  t.deepEqual(inputs, [{ input: 'cell.shape.virtualTime.seed', a: '1', b: '2' }]);
});

test('one digest that was read differently is not called identical', async (t) => {
  const cell = await against(t, { counters: { pulls: 1235 } });
  t.is(cell.a.digest, cell.b.digest);
  t.is(cell.verdict, 'different');
  t.deepEqual(cell.readDifferently, {
    where: 'result.measurement.elastic.counters.pulls',
    a: '1234',
    b: '1235',
  });
});

test('where evidence is not kept, the files that are gone are named, and the figures still compared', async (t) => {
  const [a, b] = [await keptRun(t), await keptRun(t, { console: '', counters: { jumps: 60 } })];
  const console = join(b.folder, b.cells[0]?.result?.consoles[0] ?? '');
  await rm(console);
  const cell = await onlyCell(a, b);
  t.is(cell.noParting, `not kept: ${console}`);
  t.true(cell.figures.some(({ difference }) => difference === 10));
});

test('captures that keep other parts of frames are left out', async (t) => {
  const frames = [{ atNs: 1_000_000, from: 1, to: 2, mark: 1 }];
  const more = { frames, scenario: { virtualTime: { capture: '256' } } };
  const cell = await against(t, more);
  t.regex(cell.noParting ?? '', /^consoles and transcript are the same/);
  const later = await against(t, { ...more, console: CONSOLE.replace('0.2', '0.3') });
  t.like(later.parting, { kind: 'console', atNs: 200_000_000 });
});

test('a cell that only one run has is not compared', async (t) => {
  const [a, b] = [await keptRun(t), await keptRun(t, { scenario: { workloads: ['heap-sort'] } })];
  const left = { ...b, cells: b.cells.map(({ cell }) => ({ cell, result: undefined })) };
  t.deepEqual((await compareExactly(a, left)).cells, [
    { cell: 'elasticos/linear-search/32M/r1', verdict: 'not in both', missingIn: ['b'] },
    { cell: 'elasticos/heap-sort/32M/r1', verdict: 'not in both', missingIn: ['a', 'b'] },
  ]);
});

test('a run in wall time is refused, and both runs are named', async (t) => {
  const virtual = await keptRun(t);
  const wall = await writtenRun(() => ({ seconds: 1 }));
  const other = { ...wall, record: { ...wall.record, id: 'on-the-wall' } };
  const message = /^run on-the-wall is in wall time and run 20260101T000000Z-example-0123456 in virtual time/;
  await t.throwsAsync(compareExactly(virtual, other), { instanceOf: RunTimesDifferError, message });
  await t.throwsAsync(compareExactly(other, virtual), { instanceOf: RunTimesDifferError, message });
  await t.throwsAsync(compareExactly(wall, wall), { instanceOf: NothingToVerifyError });
});
