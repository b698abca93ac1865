// SPDX-License-Identifier: MIT
import { setImmediate as nextTurn } from 'node:timers/promises';
import test from 'ava';
import { sideBySide } from './lanes.js';

test('as many items as there are lanes are worked on at a time, in order', async (t) => {
  const begun: number[] = [];
  const ends = new Map<number, () => void>();
  const all = sideBySide(2, [1, 2, 3], async (item) => {
    begun.push(item);
    await new Promise<void>((resolve) => ends.set(item, resolve));
  });
  t.deepEqual(begun, [1, 2]);
  ends.get(2)?.();
  await nextTurn();
  t.deepEqual(begun, [1, 2, 3]);
  for (const end of ends.values()) end();
  await all;
});
