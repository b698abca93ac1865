// SPDX-License-Identifier: MIT
import type { Question } from './question.js';
import { wordAt } from './word-at.js';

/** Pairs of words are the low and the high half of one integer. */
export function linearSearch({ bytes, passes, random, fold }: Question): number {
  const count = Math.floor(bytes / 8);
  const words = new Uint32Array(2 * count);
  random.fill(words, 0, words.length);
  const wanted = Array.from({ length: passes }, () => random.below(count));
  for (const origin of wanted) {
    let from = 0;
    for (const index of occurrences(words, origin)) {
      fold.words(words, from, 2 * index + 2);
      fold.pair(index, 0);
      from = 2 * index + 2;
    }
    fold.words(words, from);
  }
  return 8 * count;
}

/** Where the integer at `origin` stands, in rising order. */
function occurrences(words: Uint32Array, origin: number): readonly number[] {
  const low = wordAt(words, 2 * origin);
  const high = words[2 * origin + 1];
  const found: number[] = [];
  for (let at = words.indexOf(low); at >= 0; at = words.indexOf(low, at + 1)) {
    if (at % 2 === 0 && words[at + 1] === high) found.push(at / 2);
  }
  return found;
}
