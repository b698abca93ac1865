// SPDX-License-Identifier: MIT
import type { NodeView, Snapshot } from '../../api/watch/snapshot.js';

/** How a testbed is watched, and where what is seen goes. */
export interface Watching {
  /** Snapshots until the signal is aborted; they end with an error then. */
  readonly watch: (signal: AbortSignal) => AsyncIterable<Snapshot>;
  readonly show: (snapshot: Snapshot) => void;
}

/**
 * Does `work` while a testbed is watched. It begins when all nodes are read, since it may soon be over. Watching ends with it,
 * and when watching fails, the work is waited for all the same.
 * @returns undefined when the snapshots ended before
 */
export async function whileWatched<T>(
  { watch, show }: Watching,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const left = new AbortController();
  let working: Promise<T> | undefined;
  try {
    for await (const snapshot of watch(left.signal)) {
      show(snapshot);
      if (working !== undefined || !snapshot.nodes.every(isRead)) continue;
      working = work().finally(() => {
        left.abort();
      });
      // Awaited below, whatever ends first.
      working.catch(() => undefined);
    }
  } catch (thrown) {
    if (left.signal.aborted) return await working;
    await working?.catch(() => undefined);
    throw thrown;
  }
  return await working;
}

/** Or cannot be. */
function isRead({ readingAgeMs, unread, state }: NodeView): boolean {
  return readingAgeMs !== undefined || unread !== undefined || state === 'dead';
}
