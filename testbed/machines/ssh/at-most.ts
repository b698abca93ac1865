// SPDX-License-Identifier: MIT
import type { Clock } from '../../base/clock/clock.js';

/** Waits for `work` to settle, but no longer than `ms`. */
export async function atMost(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  const expired = clock.sleep(ms, timer.signal).catch(() => undefined);
  await Promise.race([work.catch(() => undefined), expired]);
  timer.abort();
}
