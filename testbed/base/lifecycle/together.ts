// SPDX-License-Identifier: MIT

/** Work that ends, at the latest, when the signal is aborted. */
export type Abortable<T> = (signal: AbortSignal) => Promise<T>;

/**
 * Does two things side by side. When one fails the other's signal is aborted, and both have ended before this rejects.
 * @returns what they returned
 * @throws what the first to fail has thrown
 */
export async function together<A, B>(
  signal: AbortSignal,
  first: Abortable<A>,
  second: Abortable<B>,
): Promise<readonly [A, B]> {
  const failure = new AbortController();
  const inner = AbortSignal.any([signal, failure.signal]);
  const guarded = async <T>(work: Abortable<T>): Promise<T> => {
    try {
      return await work(inner);
    } catch (thrown) {
      failure.abort(thrown);
      throw thrown;
    }
  };
  const [a, b] = await Promise.allSettled([guarded(first), guarded(second)]);
  if (a.status === 'fulfilled' && b.status === 'fulfilled') return [a.value, b.value];
  throw failure.signal.reason;
}
