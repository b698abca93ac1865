// SPDX-License-Identifier: MIT
import test from 'ava';
import { overlap, spreadOf } from '../../../testbed/experiment/result/statistics.js';
import { speedUps } from '../../../testbed/experiment/result/speed-up.js';
import { summarise } from '../../../testbed/experiment/result/summary.js';
import { tableOf } from '../../../testbed/experiment/result/table.js';
import { writtenRun } from './written-run.js';

test('the median is the middle value, or the mean of the middle two', (t) => {
  t.is(spreadOf([3, 1, 2])?.median, 2);
  t.is(spreadOf([4, 1, 3, 2])?.median, 2.5);
  t.deepEqual(spreadOf([7]), { count: 1, median: 7, minimum: 7, maximum: 7 });
  t.is(spreadOf([]), undefined);
});

test('two spreads overlap when some value could belong to both', (t) => {
  const spread = (minimum: number, maximum: number): NonNullable<ReturnType<typeof spreadOf>> => ({
    count: 3,
    median: minimum,
    minimum,
    maximum,
  });
  t.true(overlap(spread(1, 3), spread(3, 5)));
  t.true(overlap(spread(1, 9), spread(3, 5)));
  t.false(overlap(spread(1, 2), spread(3, 5)));
});

test('slow-down is the median against that of local with the same work', async (t) => {
  const run = await writtenRun(({ system, repeat }) => ({
    seconds: system === 'local' ? 2 : 100 * repeat,
  }));
  const groups = summarise(run);
  t.deepEqual(
    groups.map(({ workload, system, elapsed, slowDown }) => [workload, system, elapsed?.median, slowDown]),
    [
      ['heap-sort', 'local', 2, 1],
      ['heap-sort', 'nbd-swap', 150, 75],
      ['dijkstra', 'local', 2, 1],
      ['dijkstra', 'nbd-swap', 150, 75],
    ],
  );
});

test('figures are of cells that are ok, and of no others', async (t) => {
  const run = await writtenRun(({ repeat }) =>
    repeat === 1 ? { seconds: 2 } : { seconds: 1000, status: 'failed', reason: 'wrong checksum' },
  );
  const [group] = summarise(run);
  t.is(group?.elapsed?.maximum, 2);
  t.deepEqual(group?.counts, { ok: 1, failed: 1, invalid: 0, error: 0, missing: 0 });
});

test('a run is shown with what it was, a table, and what the table does not say', async (t) => {
  const run = await writtenRun(({ id, system, repeat }) => {
    switch (id) {
      case 'nbd-swap/dijkstra/128M/r1':
        return { status: 'failed', reason: 'wrong checksum: 1, and 2 is right', seconds: 1 };
      case 'local/dijkstra/128M/r2':
        return { status: 'error', reason: 'node1 did not boot' };
      case 'nbd-swap/dijkstra/128M/r2':
        return undefined;
      default:
        return { seconds: system === 'local' ? 2 : 100 * repeat, noisy: repeat === 2 };
    }
  });
  t.is(
    `${tableOf(run)}\n`,
    `run 20260101T000000Z-example-0123456
  scenario   example.json
  cells      8: 5 ok, 1 failed, 1 error, 1 missing
  kernel     6.1.0-example (linux-6.1, release): pinned by --kernel
  image      initramfs eeeeeeeeeeee
  machines   none has booted
  link       1000 Mbit/s and 0 us delay asked for; not measured
  host       Example CPU, 2 processors, 8.0 GiB; QEMU emulator version 7.2.22
  testbed    0.1.0, node v20.19.0, commit 0123456789ab and changes

workload   size  system    n  median s    min .. max  slow-down  major faults  network  resident  not ok
---------  ----  --------  -  --------  ------------  ---------  ------------  -------  --------  -------------------
heap-sort  128M  local     2      2.00  2.00 .. 2.00      1.00x         2,000  2.0 MiB  64.0 MiB
heap-sort  128M  nbd-swap  2       150    100 .. 200      75.0x       150,000  2.0 MiB  64.0 MiB

dijkstra   128M  local     1      2.00  2.00 .. 2.00      1.00x         2,000  2.0 MiB  64.0 MiB  1 error
dijkstra   128M  nbd-swap  0         -             -          -             -        -         -  1 failed, 1 missing

nbd-swap/dijkstra/128M/r1: failed: wrong checksum: 1, and 2 is right
local/dijkstra/128M/r2: error: node1 did not boot
1 of 8 cells have not been run: \`npx testbed run --resume RUN\` does them.
2 of 6 measured cells are noisy: others used up to 30 % of the host meanwhile.
`,
  );
});

test('a run that stretches has the columns of it, and the time on each node, home first', async (t) => {
  const run = await writtenRun(
    ({ system }) => (system === 'elasticos' ? { seconds: 10, shellSeconds: [4, 1] } : { seconds: 100 }),
    {
      memory: { computeNode: '96M', budget: '60M' },
      systems: ['nbd-swap', 'elasticos'],
      workloads: ['heap-sort'],
      footprints: [{ size: '2x', nodes: 3 }],
    },
  );
  const table = tableOf(run);
  t.regex(table, /resident +jumps +a second +pulls +pushed +time by node/);
  t.regex(table, /elasticos .* 64\.0 MiB +50 +5\.00 +1,234 +6,400 +50\/40\/10 %/);
  t.regex(table, /nbd-swap .* - +- +- +- +-$/m);
  t.regex(table, /^elasticos is 10\.0x as fast as nbd-swap \(heap-sort 10\.0x\)$/m);
  t.notRegex(table, /do not compare/);
});

test('the gain over a baseline is the geometric mean of what each workload gains', async (t) => {
  const run = await writtenRun(
    ({ system, workload }) =>
      system === 'elasticos'
        ? { seconds: workload === 'heap-sort' ? 10 : 25, shellSeconds: [1] }
        : { seconds: 100 },
    {
      memory: { computeNode: '96M', budget: '60M' },
      systems: ['nbd-swap', 'elasticos'],
      footprints: ['2x'],
    },
  );
  const [gain] = speedUps(summarise(run));
  t.is(gain?.geometricMean.toFixed(3), Math.sqrt(40).toFixed(3));
  t.deepEqual(gain?.each, [
    { work: 'heap-sort', factor: 10 },
    { work: 'dijkstra', factor: 4 },
  ]);
});
