// SPDX-License-Identifier: MIT

/** Resolves when `signal` is aborted. Only for signals that live no longer than the one who waits. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
}

/** Awaits `work`, or throws the signal's reason when it is aborted first. Leaves no listener behind. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  const listening = new AbortController();
  const gaveUp = new Promise<never>((_, reject) => {
    const giveUp = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true, signal: listening.signal });
  });
  try {
    return await Promise.race([work, gaveUp]);
  } finally {
    listening.abort();
  }
}
