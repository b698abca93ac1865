// SPDX-License-Identifier: MIT
import test from 'ava';
import { compareRuns, comparisonOf } from '../../../testbed/experiment/result/compare.js';
import type { Run } from '../../../testbed/experiment/result/load-run.js';
import { writtenRun } from './written-run.js';

/** A run whose repeats of one cell took so many seconds each. */
async function runOf(...seconds: readonly number[]): Promise<Run> {
  const one = { systems: ['local'], workloads: ['heap-sort'], repeats: seconds.length };
  return await writtenRun(({ repeat }) => ({ seconds: seconds[repeat - 1] ?? NaN }), one);
}

test('a difference is claimed where the ranges have no value in common', async (t) => {
  const [slower] = compareRuns(await runOf(1, 1.1, 1.2), await runOf(2, 2.1, 2.2));
  t.is(slower?.verdict, 'slower');
  t.true(Math.abs((slower?.ratio ?? 0) - 2.1 / 1.1) < 1e-9);
  const [faster] = compareRuns(await runOf(2, 2.1, 2.2), await runOf(1, 1.1, 1.2));
  t.is(faster?.verdict, 'faster');
});

test('where they overlap none is shown, whatever the medians say', async (t) => {
  const [row] = compareRuns(await runOf(1, 1.1, 9), await runOf(8, 9, 10));
  t.is(row?.verdict, 'no difference shown');
});

test('two repeats are too few to tell', async (t) => {
  const [row] = compareRuns(await runOf(1, 1), await runOf(2, 2));
  t.is(row?.verdict, 'too few');
});

test('what is in one run only is not compared', async (t) => {
  const a = await runOf(1, 1, 1);
  const b = await writtenRun(() => ({ seconds: 1 }), {
    systems: ['local'],
    workloads: ['dijkstra'],
    repeats: 3,
  });
  t.deepEqual(
    compareRuns(a, b).map(({ workload, verdict }) => [workload, verdict]),
    [
      ['heap-sort', 'not in both'],
      ['dijkstra', 'not in both'],
    ],
  );
});

test('two runs are shown side by side, with what else differed', async (t) => {
  const a = await runOf(1, 1.1, 1.2);
  const b = await runOf(2, 2.1, 2.2);
  const other = {
    ...b,
    record: { ...b.record, id: 'b', kernel: { ...b.record.kernel, key: 'f'.repeat(64) } },
  };
  t.is(
    `${comparisonOf(a, other)}\n`,
    `a  20260101T000000Z-example-0123456
b  b
   different: kernel

workload   size  system  a median s    min .. max  b median s    min .. max  b / a  b is
---------  ----  ------  ----------  ------------  ----------  ------------  -----  ------
heap-sort  128M  local         1.10  1.00 .. 1.20        2.10  2.00 .. 2.20  1.91x  slower

b is called slower or faster where the ranges of at least 3 repeats each have no value in common.
`,
  );
});
