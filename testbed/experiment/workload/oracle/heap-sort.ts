// SPDX-License-Identifier: MIT
import type { Question } from './question.js';
import { foldSorted, makeRecords, RECORD_BYTES } from './records.js';

/** The low half of a key is the record's number, so that sorting by the high half, stably, is sorting by the key. */
export function heapSort({ bytes, random, fold }: Question): number {
  const count = Math.floor(bytes / RECORD_BYTES);
  const words = makeRecords(count, random, (index) => [index, random.word()]);
  foldSorted(words, (_, high) => high, fold);
  return count * RECORD_BYTES;
}
