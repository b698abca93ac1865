// SPDX-License-Identifier: MIT
import type { Clock } from '../clock/clock.js';
import { type OpenWait, Waits } from '../clock/waits.js';

/** Time without news after which one wonders whether a step is slow or stuck. */
export const SILENCE_MS = 20_000;

/** Tells of a piece of work that has had no news for {@link SILENCE_MS}, and again whenever that time has doubled. */
export class Silence implements Disposable {
  /** Of the work. */
  readonly waits = new Waits(() => {
    this.news();
  });
  readonly #clock: Clock;
  readonly #ended = new AbortController();
  #since: number;
  #next = SILENCE_MS;

  constructor(clock: Clock, tell: (silentMs: number, wait: OpenWait | undefined) => void) {
    this.#clock = clock;
    this.#since = clock.now();
    this.#listen(tell).catch(() => undefined);
  }

  /** Breaks the silence. */
  news(): void {
    this.#since = this.#clock.now();
    this.#next = SILENCE_MS;
  }

  [Symbol.dispose](): void {
    this.#ended.abort();
  }

  async #listen(tell: (silentMs: number, wait: OpenWait | undefined) => void): Promise<void> {
    for (;;) {
      await this.#clock.sleep(this.#since + this.#next - this.#clock.now(), this.#ended.signal);
      // Its parts speak for the whole.
      if (this.waits.hasParts) this.news();
      const silentMs = this.#clock.now() - this.#since;
      if (silentMs < this.#next) continue;
      tell(silentMs, this.waits.latest);
      this.#next *= 2;
    }
  }
}
