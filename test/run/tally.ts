// SPDX-License-Identifier: MIT
import type { Clock } from '../../testbed/base/clock/clock.js';
import { duration } from '../../testbed/cli/view/duration.js';

/** A test that ends sooner after the one before says nothing of its time. */
const QUICK_MS = 1000;

/** Counts what tests came to, and writes the closing lines. */
export class Tally {
  passed = 0;
  readonly #skipped: string[] = [];
  readonly #failures: string[] = [];

  get failed(): number {
    return this.#failures.length;
  }

  /** Whether nothing at all was tested or skipped. */
  get isEmpty(): boolean {
    return this.passed + this.failed + this.#skipped.length === 0;
  }

  pass(): void {
    this.passed += 1;
  }

  skip(title: string): void {
    this.#skipped.push(title);
  }

  /** A test that failed, or something that went wrong outside any test. */
  fail(what: string): void {
    this.#failures.push(what);
  }

  /** What was skipped and why, what failed, and the closing line. */
  summary(): readonly string[] {
    return [
      '',
      ...this.#skipped.map((title) => `skipped: ${title}`),
      ...this.#failures.map((title) => `failed: ${title}`),
      `${this.passed} passed, ${this.failed} failed, ${this.#skipped.length} skipped`,
    ];
  }
}

/**
 * Reads ava's TAP into a tally; what it gives back is what a person should see of a line. A test's time is the time since
 * the one before, or since this was made, which is right where one runs after the other.
 */
export class TapReader {
  /** Whether there was any failed test. */
  failed = false;
  readonly #tally: Tally;
  readonly #clock: Clock;
  readonly #prefix: string;
  #last: number;
  #inDetail = false;

  /** @param prefix what a test's title begins with */
  constructor(tally: Tally, clock: Clock, prefix = '') {
    this.#tally = tally;
    this.#clock = clock;
    this.#prefix = prefix;
    this.#last = clock.now();
  }

  /** A line of TAP; undefined for what nobody needs to see. */
  take(line: string): string | undefined {
    const point = /^(not )?ok \d+ - (.*)$/.exec(line);
    if (point !== null) return this.#takePoint(point[1] !== undefined, this.#prefix + (point[2] ?? ''));
    if (line.trim() === '---') this.#inDetail = true;
    if (line.trim() === '...') this.#inDetail = false;
    if (line.startsWith('#') && !line.startsWith('# ')) return line;
    return this.#inDetail || line.startsWith('Bail out!') ? line : undefined;
  }

  #takePoint(notOk: boolean, text: string): string {
    const skip = / # (?:SKIP|TODO)/.exec(text);
    const title = skip === null ? text : text.slice(0, skip.index);
    if (skip !== null) {
      this.#tally.skip(title);
      return `  - ${title} (skipped)`;
    }
    const took = this.#time();
    if (notOk) {
      this.failed = true;
      this.#tally.fail(title);
      return `  ✘ ${title}${took}`;
    }
    this.#tally.pass();
    return `  ✔ ${title}${took}`;
  }

  #time(): string {
    const took = this.#clock.now() - this.#last;
    this.#last += took;
    return took < QUICK_MS ? '' : `, ${duration(took)}`;
  }
}
