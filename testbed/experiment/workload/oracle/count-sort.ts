// SPDX-License-Identifier: MIT
import type { Question } from './question.js';
import { foldSorted, makeRecords, RECORD_BYTES } from './records.js';

const DIGIT_BITS = 10;

/** Passes over one digit after the other, each stable, sort by all those digits together. */
export function countSort({ bytes, passes, random, fold }: Question): number {
  const positions = 4 * 2 ** DIGIT_BITS;
  const count = Math.floor((bytes - positions) / (2 * RECORD_BYTES));
  const words = makeRecords(count, random, () => [random.word(), random.word()]);
  const digits = 2 ** (passes * DIGIT_BITS);
  foldSorted(words, (low) => low % digits, fold);
  return 2 * count * RECORD_BYTES + positions;
}
