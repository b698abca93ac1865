// SPDX-License-Identifier: MIT
import { setTimeout as delay } from 'node:timers/promises';

/** The only source of time in the core; tests inject their own. */
export interface Clock {
  /** Monotonic milliseconds, from an arbitrary start. */
  now(): number;
  /** Wall clock, for records that people read. */
  date(): Date;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch (thrown) {
      if (signal?.aborted === true) throw signal.reason as Error;
      throw thrown;
    }
  },
};
