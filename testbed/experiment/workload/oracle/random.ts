// SPDX-License-Identifier: MIT
import { wordAt } from './word-at.js';

/**
 * The generator that all of a workload's data come from: xoshiro128** 1.1, seeded by splitmix64, both by David
 * Blackman and Sebastiano Vigna and in the public domain (https://prng.di.unimi.it/). The state is four signed 32-bit
 * integers, which is what JavaScript's bit operators give.
 */
export class Random {
  #s0: number;
  #s1: number;
  #s2: number;
  #s3: number;

  /** @param seed 64 bits */
  constructor(seed: bigint) {
    const first = splitmix64(seed, 1n);
    const second = splitmix64(seed, 2n);
    this.#s0 = lowHalf(first);
    this.#s1 = lowHalf(first >> 32n);
    this.#s2 = lowHalf(second);
    this.#s3 = lowHalf(second >> 32n);
  }

  /** Writes the next `to - from` words. */
  fill(words: Uint32Array, from: number, to: number): void {
    let s0 = this.#s0;
    let s1 = this.#s1;
    let s2 = this.#s2;
    let s3 = this.#s3;
    for (let i = from; i < to; i += 1) {
      const five = Math.imul(s1, 5);
      words[i] = Math.imul((five << 7) | (five >>> 25), 9);
      const shifted = s1 << 9;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= shifted;
      s3 = (s3 << 11) | (s3 >>> 21);
    }
    this.#s0 = s0;
    this.#s1 = s1;
    this.#s2 = s2;
    this.#s3 = s3;
  }

  /** The next word, from 0 to 2^32 - 1. */
  word(): number {
    this.fill(single, 0, 1);
    return wordAt(single, 0);
  }

  /** floor(word * bound / 2^32), exactly: the product is taken in halves that a double holds. */
  below(bound: number): number {
    const word = this.word();
    const low = Math.floor(((word & 0xffff) * bound) / 0x10000);
    return Math.floor(((word >>> 16) * bound + low) / 0x10000);
  }
}

const single = new Uint32Array(1);

/** The `n`th output, from 1 on, of the generator that was started with `seed`. */
function splitmix64(seed: bigint, n: bigint): bigint {
  let z = BigInt.asUintN(64, seed + n * 0x9e3779b97f4a7c15n);
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
}

function lowHalf(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}
