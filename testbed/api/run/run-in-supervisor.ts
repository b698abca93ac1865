// SPDX-License-Identifier: MIT
import type { Context } from '../../base/host/context.js';
import type { RunOutcome } from '../../experiment/run/run-plan.js';
import type { Plan } from '../../experiment/scenario/plan.js';
import type { Products } from '../../machines/cluster/products.js';
import { ask } from '../../supervisor/client.js';
import { removeDeadRuns, removePlace, runName, testbedPlace } from '../../supervisor/registry.js';
import { launchSupervisor } from '../../supervisor/start-supervisor.js';

/** A plan, and what its cells' guests are made of. */
export interface PlannedRun {
  readonly plan: Plan;
  readonly products: Products;
  /** Of a run that was created for the two. */
  readonly folder: string;
  /** Whether the first cell that is not ok is the last one. */
  readonly stopAtFailure: boolean;
}

/** Runs of this process so far: each has a supervisor of its own. */
let count = 0;

/**
 * Runs a plan's open cells in a supervisor of its own, which ends with us.
 * @throws RelayedError with what the supervisor threw: E_BUSY, E_RUN_MISMATCH, E_HOST_UNFIT
 */
export async function runInSupervisor(
  context: Context,
  { plan, products, folder, stopAtFailure }: PlannedRun,
): Promise<RunOutcome> {
  count += 1;
  const place = testbedPlace(context.paths, runName(count));
  await removeDeadRuns(context);
  try {
    await using _supervisor = await launchSupervisor(context, place);
    const request = { verb: 'run', plan, products, runFolder: folder, stopAtFailure } as const;
    const outcome = await ask(place, request, { signal: context.signal, onEvent: context.events });
    return outcome as RunOutcome;
  } finally {
    await removePlace(context, place);
  }
}
