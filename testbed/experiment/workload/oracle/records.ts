// SPDX-License-Identifier: MIT
import type { Fold } from './fold.js';
import type { Random } from './random.js';
import { stableOrder } from './stable-order.js';
import { wordAt } from './word-at.js';

/** A record is a 64-bit key and a payload, 1 KiB in all. */
export const RECORD_BYTES = 1024;
const RECORD_WORDS = RECORD_BYTES / 4;

/** Makes records as a sort's fill does: `key` gives the two halves of a key, the payload is random. */
export function makeRecords(
  count: number,
  random: Random,
  key: (index: number) => readonly [low: number, high: number],
): Uint32Array {
  const words = new Uint32Array(count * RECORD_WORDS);
  for (let index = 0; index < count; index += 1) {
    const start = index * RECORD_WORDS;
    words.set(key(index), start);
    random.fill(words, start + 2, start + RECORD_WORDS);
  }
  return words;
}

/** Folds records in the order of 32 bits of their keys, and as they were made where those are equal. */
export function foldSorted(
  words: Uint32Array,
  sortKey: (low: number, high: number) => number,
  fold: Fold,
): void {
  const keys = Uint32Array.from({ length: words.length / RECORD_WORDS }, (_, index) =>
    sortKey(wordAt(words, index * RECORD_WORDS), wordAt(words, index * RECORD_WORDS + 1)),
  );
  for (const index of stableOrder(keys)) {
    fold.words(words, index * RECORD_WORDS, (index + 1) * RECORD_WORDS);
  }
}
