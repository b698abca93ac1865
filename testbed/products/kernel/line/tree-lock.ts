// SPDX-License-Identifier: MIT
import type { Context } from '../../../base/host/context.js';
import { withLock, type LockRequest } from '../../../base/host/lock.js';
import type { TreePlace } from './place.js';
import { endLeftovers } from './leftover-processes.js';

/**
 * Runs `work` while no other process changes a line's trees. Processes that an earlier holder of the lock has left are
 * ended first.
 * @throws BusyError when another has the lock and `request` does not wait
 */
export async function withTreeLock<T>(
  context: Context,
  place: TreePlace,
  request: LockRequest,
  work: () => Promise<T>,
): Promise<T> {
  return await withLock(context, place.lock, request, async () => {
    await endLeftovers(context, place);
    return await work();
  });
}
