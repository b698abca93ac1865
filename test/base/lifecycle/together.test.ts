// SPDX-License-Identifier: MIT
import test from 'ava';
import { together } from '../../../testbed/base/lifecycle/together.js';

const never = (): AbortSignal => new AbortController().signal;

/** Work that goes on until it is aborted, and takes a moment to end then. */
async function untilAborted(signal: AbortSignal, onEnd: () => void): Promise<never> {
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      setImmediate(resolve);
    });
  });
  onEnd();
  throw signal.reason;
}

test('what both return comes back, in their order', async (t) => {
  const slow = async (): Promise<number> => new Promise((resolve) => setImmediate(resolve, 1));
  t.deepEqual(await together(never(), slow, async () => Promise.resolve('b')), [1, 'b']);
});

test('when one fails the other is aborted, and has ended when the failure is told', async (t) => {
  let ended = false;
  const failing = async (): Promise<never> => Promise.reject(new Error('no disk'));
  const other = async (signal: AbortSignal): Promise<never> =>
    untilAborted(signal, () => {
      ended = true;
    });
  await t.throwsAsync(together(never(), other, failing), { message: 'no disk' });
  t.true(ended);
});

test('an abort from outside ends both, and is the reason', async (t) => {
  const outer = new AbortController();
  let ended = 0;
  const work = async (signal: AbortSignal): Promise<never> =>
    untilAborted(signal, () => {
      ended += 1;
    });
  const both = together(outer.signal, work, work);
  outer.abort(new Error('Ctrl-C'));
  await t.throwsAsync(both, { message: 'Ctrl-C' });
  t.is(ended, 2);
});
