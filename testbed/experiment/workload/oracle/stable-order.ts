// SPDX-License-Identifier: MIT
import { wordAt } from './word-at.js';

/**
 * The indices of `keys` in the order that a stable sort gives: by key, then by index. Both halves of one 64-bit number
 * do it, the way they lie in memory on the little-endian machines that run this.
 */
export function stableOrder(keys: Uint32Array): Uint32Array {
  const pairs = new Uint32Array(2 * keys.length);
  keys.forEach((key, index) => {
    pairs[2 * index] = index;
    pairs[2 * index + 1] = key;
  });
  new BigUint64Array(pairs.buffer).sort();
  return keys.map((_, rank) => wordAt(pairs, 2 * rank));
}
