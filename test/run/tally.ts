// SPDX-License-Identifier: MIT
import type { Clock } from '../../testbed/base/clock/clock.js';
import { duration } from '../../testbed/cli/view/duration.js';

/** A test that ends sooner after the one before says nothing of its time. */
const QUICK_MS = 1000;

/**
 * Reads ava's TAP and counts; what it gives back is what a person should see of a line. A test's time is the time since
 * the one before, which is right where one runs after the other.
 */
export class Tally {
  passed = 0;
  failed = 0;
  readonly #skipped: string[] = [];
  readonly #failures: string[] = [];
  readonly #clock: Clock;
  #last = 0;
  #inDetail = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The time of the first test counts from now on. */
  begin(): void {
    this.#last = this.#clock.now();
  }

  /** A line of TAP; undefined for what nobody needs to see. */
  take(line: string): string | undefined {
    const point = /^(not )?ok \d+ - (.*)$/.exec(line);
    if (point !== null) return this.#takePoint(point[1] !== undefined, point[2] ?? '');
    if (line.trim() === '---') this.#inDetail = true;
    if (line.trim() === '...') this.#inDetail = false;
    if (line.startsWith('#') && !line.startsWith('# ')) return line;
    return this.#inDetail || line.startsWith('Bail out!') ? line : undefined;
  }

  /** Counts something that went wrong outside any test. */
  crash(what: string): void {
    this.failed += 1;
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

  #takePoint(notOk: boolean, text: string): string {
    const skip = / # (?:SKIP|TODO)/.exec(text);
    const title = skip === null ? text : text.slice(0, skip.index);
    if (skip !== null) {
      this.#skipped.push(title);
      return `  - ${title} (skipped)`;
    }
    const took = this.#time();
    if (notOk) {
      this.failed += 1;
      this.#failures.push(title);
      return `  ✘ ${title}${took}`;
    }
    this.passed += 1;
    return `  ✔ ${title}${took}`;
  }

  #time(): string {
    const took = this.#clock.now() - this.#last;
    this.#last += took;
    return took < QUICK_MS ? '' : `, ${duration(took)}`;
  }
}
