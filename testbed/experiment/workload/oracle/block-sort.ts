// SPDX-License-Identifier: MIT
import type { Question } from './question.js';
import { foldSorted, makeRecords, RECORD_BYTES } from './records.js';

/** Some four records have the same key. */
export function blockSort({ bytes, random, fold }: Question): number {
  const count = Math.floor(bytes / RECORD_BYTES);
  const words = makeRecords(count, random, () => [random.below(Math.floor(count / 4)), 0]);
  foldSorted(words, (low) => low, fold);
  return count * RECORD_BYTES;
}
