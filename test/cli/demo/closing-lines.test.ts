// SPDX-License-Identifier: MIT
import test from 'ava';
import { closingLines, type Shown } from '../../../testbed/cli/demo/closing-lines.js';

const REPORT = {
  workload: 'linear-search',
  bytes: 2 ** 26,
  bytesTouched: 2 ** 26,
  seed: 1n,
  passes: 6,
  checksum: 'c3849a018e51486c',
  fillNanoseconds: 2e9,
  elapsedNanoseconds: 1_500_000_000,
} as const;
const SHOWN: Shown = {
  swapping: { ...REPORT, elapsedNanoseconds: 18_000_000_000 },
  stretched: REPORT,
  right: true,
  moved: { jumps: 12, pulledPages: 256, pushedPages: 8192 },
  emulated: true,
  home: 'node1',
  flag: ' --name other',
};

test('a demonstration ends with what was seen, how many times faster, and three commands', (t) => {
  t.deepEqual(closingLines(SHOWN), [
    'seen: the same search twice, right both times; stretched with 12 jumps, 32.0 MiB pushed and 1.0 MiB pulled',
    '12.0x as fast stretched (1.50 s) as swapping with read-ahead (18.0 s), by the wall clock, on emulated guests',
    'npx testbed watch --name other',
    'npx testbed exec node1 --name other -- elastic run --budget 32M -- heap-sort --bytes 64M --seed 1',
    'npx testbed down --name other',
  ]);
});

test('a wrong answer is not called right', (t) => {
  t.regex(closingLines({ ...SHOWN, right: false })[0] ?? '', /twice, with a wrong answer;/);
});

test('where guests are not emulated, that is not said', (t) => {
  const [, faster] = closingLines({ ...SHOWN, emulated: false });
  t.is(faster, '12.0x as fast stretched (1.50 s) as swapping with read-ahead (18.0 s), by the wall clock');
});
