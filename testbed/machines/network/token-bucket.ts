// SPDX-License-Identifier: MIT

/**
 * A rate limit with a bounded burst. Times are milliseconds of any monotonic clock; the bucket starts full.
 * A frame larger than the bucket passes when the bucket is full and leaves a debt.
 */
export class TokenBucket {
  readonly #bytesPerMs: number;
  readonly #depth: number;
  #tokens: number;
  #filledAt: number;

  constructor(bitsPerSecond: number, depthBytes: number, now: number) {
    this.#bytesPerMs = bitsPerSecond / 8000;
    this.#depth = depthBytes;
    this.#tokens = depthBytes;
    this.#filledAt = now;
  }

  /** Takes `bytes` out of the bucket. False when there are too few. */
  take(bytes: number, now: number): boolean {
    this.#fill(now);
    if (this.#tokens < Math.min(bytes, this.#depth)) return false;
    this.#tokens -= bytes;
    return true;
  }

  /** Milliseconds until `bytes` can be taken. */
  waitMs(bytes: number, now: number): number {
    this.#fill(now);
    return Math.max(0, (Math.min(bytes, this.#depth) - this.#tokens) / this.#bytesPerMs);
  }

  #fill(now: number): void {
    this.#tokens = Math.min(this.#depth, this.#tokens + (now - this.#filledAt) * this.#bytesPerMs);
    this.#filledAt = now;
  }
}
