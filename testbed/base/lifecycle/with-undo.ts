// SPDX-License-Identifier: MIT
import type { Undo } from './disposal-stack.js';

/** Does `work`, then `undo` on every way out. An error of `work` is not hidden by one of `undo`. */
export async function withUndo<T>(work: () => Promise<T>, undo: Undo): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (thrown) {
    try {
      await undo();
    } catch {
      // The error of the work says more.
    }
    throw thrown;
  }
  await undo();
  return result;
}
