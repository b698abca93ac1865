// SPDX-License-Identifier: MIT
import test from 'ava';
import { roughly } from '../../../testbed/cli/view/duration.js';
import { estimateText } from '../../../testbed/cli/view/estimate-text.js';
import { progressText } from '../../../testbed/cli/view/progress-text.js';

const PLANNED = { cells: 8, unknown: 0, virtualTime: true, seconds: 170, bytes: 4 * 2 ** 20 };

test('a run is told by its cells, its time and its disk', (t) => {
  t.is(estimateText(PLANNED), '8 cells in virtual time; some 3 min and 4.0 MiB of disk');
  t.is(
    estimateText({ ...PLANNED, cells: 1, virtualTime: false, seconds: 12 }),
    '1 cell; some 12 s and 4.0 MiB of disk',
  );
});

test('what is not known is said', (t) => {
  t.is(
    estimateText({ ...PLANNED, unknown: 8, seconds: 0, bytes: 0 }),
    '8 cells in virtual time; time and disk are not known, since none like these was run on this host',
  );
  t.is(
    estimateText({ ...PLANNED, unknown: 2 }),
    '8 cells in virtual time; some 3 min and 4.0 MiB of disk for 6, and more for 2, since none like these was run on this host',
  );
});

test('where nothing is left, nothing is promised', (t) => {
  t.is(estimateText({ ...PLANNED, cells: 0, seconds: 0, bytes: 0 }), 'no cell is left to be run');
});

test('an estimate is rounded up', (t) => {
  t.deepEqual([0, 1, 59_001, 60_001, 61 * 60_000, 119 * 60_000, 121 * 60_000, 450 * 60_000].map(roughly), [
    '0 s',
    '1 s',
    '60 s',
    '2 min',
    '61 min',
    '119 min',
    '2.1 h',
    '7.5 h',
  ]);
});

test('the progress of a stage ends with what is left', (t) => {
  const step = { done: 3, total: 8, unit: 'cells', note: 'local/heap-sort/16M/r1' };
  t.is(progressText(step), '3 of 8 cells · local/heap-sort/16M/r1');
  t.is(progressText({ ...step, leftMs: 100_000 }), '3 of 8 cells · local/heap-sort/16M/r1 · some 2 min left');
});
