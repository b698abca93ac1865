// SPDX-License-Identifier: MIT
import test from 'ava';
import { DeadlineError, patience, pollUntil, withDeadline } from '../../../testbed/base/clock/deadline.js';
import { ManualClock } from './manual-clock.js';

test('work that is done in time gives its answer', async (t) => {
  const clock = new ManualClock();
  t.is(
    await withDeadline({ what: 'an answer', deadlineMs: 1000, clock }, async () => Promise.resolve(42)),
    42,
  );
});

test('a deadline that passes names what did not happen and shows the evidence there was', async (t) => {
  const clock = new ManualClock();
  const wait = { what: 'the boot of node1', deadlineMs: 5000, clock, excerpt: () => ['last line'] };
  const never = withDeadline(wait, async () => new Promise(() => undefined));
  clock.advance(5000 * patience());
  const error = await t.throwsAsync(never, { instanceOf: DeadlineError });
  t.regex(error.message, /the boot of node1 did not happen within/);
  t.deepEqual(error.excerpt, ['last line']);
});

test('work is told to stop when the deadline passes', async (t) => {
  const clock = new ManualClock();
  let told: AbortSignal | undefined;
  const never = withDeadline({ what: 'x', deadlineMs: 10, clock }, async (signal) => {
    told = signal;
    return new Promise(() => undefined);
  });
  clock.advance(10 * patience());
  await t.throwsAsync(never);
  t.true(told?.aborted);
});

test('an abort ends the wait with its own reason', async (t) => {
  const controller = new AbortController();
  const wait = { what: 'x', deadlineMs: 1000, clock: new ManualClock(), signal: controller.signal };
  const never = withDeadline(wait, async () => new Promise(() => undefined));
  controller.abort(new Error('Ctrl-C'));
  await t.throwsAsync(never, { message: 'Ctrl-C' });
});

test('an abort that came before does not even start the work', async (t) => {
  const wait = {
    what: 'x',
    deadlineMs: 1000,
    clock: new ManualClock(),
    signal: AbortSignal.abort(new Error('gone')),
  };
  await t.throwsAsync(
    withDeadline(wait, async () => {
      t.fail('started');
      return Promise.resolve();
    }),
    { message: 'gone' },
  );
});

test('polling asks at once, then at its interval, until there is an answer', async (t) => {
  const clock = new ManualClock();
  let asked = 0;
  const answer = pollUntil(
    { what: 'the third answer', deadlineMs: 10_000, everyMs: 100, clock },
    async () => {
      asked += 1;
      return Promise.resolve(asked === 3 ? 'here' : undefined);
    },
  );
  await clock.settle();
  t.is(asked, 1);
  clock.advance(100);
  await clock.settle();
  t.is(asked, 2);
  clock.advance(100);
  t.is(await answer, 'here');
});

test('patience is a positive factor, and 1 otherwise', (t) => {
  t.is(patience({ TESTBED_PATIENCE: '2.5' }), 2.5);
  t.is(patience({}), 1);
  t.is(patience({ TESTBED_PATIENCE: '-1' }), 1);
  t.is(patience({ TESTBED_PATIENCE: 'much' }), 1);
});
