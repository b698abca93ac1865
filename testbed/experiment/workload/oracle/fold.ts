// SPDX-License-Identifier: MIT
import { wordAt } from './word-at.js';

/**
 * The checksum as guests/workloads/README.md defines it: two 32-bit lanes over a sequence of pairs of words, of which
 * the second takes in the first.
 */
export class Fold {
  #a = 0x243f6a88;
  #b = 0x85a308d3 | 0;

  /** Takes in the words from `from` to before `to`, an even number of them. */
  words(words: Uint32Array, from = 0, to = words.length): void {
    let a = this.#a;
    let b = this.#b;
    for (let i = from; i < to; i += 2) {
      const x = a ^ wordAt(words, i);
      const y = b ^ wordAt(words, i + 1);
      a = Math.imul((x << 13) | (x >>> 19), 0x9e3779b1);
      b = (Math.imul((y << 17) | (y >>> 15), 0x85ebca77) + a) | 0;
    }
    this.#a = a;
    this.#b = b;
  }

  pair(low: number, high: number): void {
    couple[0] = low;
    couple[1] = high;
    this.words(couple);
  }

  /** 16 hexadecimal digits; folding may go on afterwards. */
  value(): string {
    const a = this.#a ^ avalanche(this.#b);
    const b = this.#b ^ avalanche(a);
    return [a, b].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
  }
}

const couple = new Uint32Array(2);

/** The finaliser of MurmurHash3 (Austin Appleby, public domain). */
function avalanche(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}
