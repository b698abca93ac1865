// SPDX-License-Identifier: MIT

/** Random choices that a seed repeats: mulberry32, by Tommy Ettinger (public domain). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 to `below` - 1. */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }

  /** Whether something of this chance, from 0 to 1, happens. */
  happens(chance: number): boolean {
    return this.below(1_000_000) < chance * 1_000_000;
  }

  /** One of several. */
  of<T>(choices: readonly [T, ...T[]] | readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }
}

/** A seed for this run of a test: FUZZ_SEED, or one that nobody has chosen. The test prints it. */
export function freshSeed(environment: NodeJS.ProcessEnv = process.env): number {
  const given = Number(environment['FUZZ_SEED']);
  return Number.isSafeInteger(given) && given > 0 ? given : Date.now() % 2 ** 31;
}
