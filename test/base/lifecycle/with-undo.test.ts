// SPDX-License-Identifier: MIT
import test from 'ava';
import { withUndo } from '../../../testbed/base/lifecycle/with-undo.js';

const fail = (message: string) => (): Promise<never> => Promise.reject(new Error(message));

test('what was done is undone, whether it went well or not', async (t) => {
  let undone = 0;
  const undo = (): void => {
    undone += 1;
  };
  t.is(await withUndo(() => Promise.resolve(7), undo), 7);
  await t.throwsAsync(withUndo(fail('work'), undo), { message: 'work' });
  t.is(undone, 2);
});

test('an error of the work is not hidden by one of the undo, which alone is told', async (t) => {
  await t.throwsAsync(withUndo(fail('work'), fail('undo')), { message: 'work' });
  await t.throwsAsync(
    withUndo(() => Promise.resolve(), fail('undo')),
    { message: 'undo' },
  );
});
