// SPDX-License-Identifier: MIT
import test from 'ava';
import { ManualClock } from '../base/clock/manual-clock.js';
import { Tally, TapReader } from './tally.js';

test('passed, failed and skipped tests are counted apart', (t) => {
  const tally = new Tally();
  const reader = new TapReader(tally, new ManualClock());
  for (const line of [
    'TAP version 13',
    'ok 1 - boots',
    'not ok 2 - swaps',
    '  ---',
    '    message: wrong',
    '  ...',
    'ok 3 - 2.6.38.8: source cannot be had # SKIP',
    '1..3',
  ]) {
    reader.take(line);
  }
  t.deepEqual(tally.summary().slice(-3), [
    'skipped: 2.6.38.8: source cannot be had',
    'failed: swaps',
    '1 passed, 1 failed, 1 skipped',
  ]);
});

test('what two files say side by side is counted together', (t) => {
  const tally = new Tally();
  const [up, run] = ['up › ', 'run › '].map((prefix) => new TapReader(tally, new ManualClock(), prefix));
  t.is(up?.take('ok 1 - boots'), '  ✔ up › boots');
  t.is(run?.take('not ok 1 - swaps'), '  ✘ run › swaps');
  t.deepEqual(tally.summary().slice(-2), ['failed: run › swaps', '1 passed, 1 failed, 0 skipped']);
});

test('what a failed test says of itself is shown', (t) => {
  const reader = new TapReader(new Tally(), new ManualClock());
  reader.take('not ok 1 - swaps');
  reader.take('  ---');
  t.is(reader.take('    message: wrong'), '    message: wrong');
  t.is(reader.take('  ...'), undefined);
});

test('a test that takes a second or more is shown with its time', (t) => {
  const clock = new ManualClock();
  clock.advance(600_000);
  const reader = new TapReader(new Tally(), clock);
  clock.advance(72_000);
  t.is(reader.take('ok 1 - boots'), '  ✔ boots, 1 min 12 s');
  clock.advance(100);
  t.is(reader.take('ok 2 - answers'), '  ✔ answers');
  clock.advance(3_000);
  t.is(reader.take('not ok 3 - swaps'), '  ✘ swaps, 3.0 s');
});
