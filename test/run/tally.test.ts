// SPDX-License-Identifier: MIT
import test from 'ava';
import { ManualClock } from '../base/clock/manual-clock.js';
import { Tally } from './tally.js';

test('passed, failed and skipped tests are counted apart', (t) => {
  const tally = new Tally(new ManualClock());
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
    tally.take(line);
  }
  t.deepEqual(tally.summary().slice(-3), [
    'skipped: 2.6.38.8: source cannot be had',
    'failed: swaps',
    '1 passed, 1 failed, 1 skipped',
  ]);
});

test('what a failed test says of itself is shown', (t) => {
  const tally = new Tally(new ManualClock());
  tally.take('not ok 1 - swaps');
  tally.take('  ---');
  t.is(tally.take('    message: wrong'), '    message: wrong');
  t.is(tally.take('  ...'), undefined);
});

test('a test that takes a second or more is shown with its time', (t) => {
  const clock = new ManualClock();
  const tally = new Tally(clock);
  clock.advance(600_000);
  tally.begin();
  clock.advance(72_000);
  t.is(tally.take('ok 1 - boots'), '  ✔ boots, 1 min 12 s');
  clock.advance(100);
  t.is(tally.take('ok 2 - answers'), '  ✔ answers');
  clock.advance(3_000);
  t.is(tally.take('not ok 3 - swaps'), '  ✘ swaps, 3.0 s');
});
