// SPDX-License-Identifier: MIT
import type { Products } from '../../machines/cluster/products.js';
import type { RunOutcome } from '../../experiment/run/run-plan.js';
import type { Context } from '../../base/host/context.js';
import type { Plan } from '../../experiment/scenario/plan.js';
import { ask } from '../../supervisor/client.js';
import { launchSupervisor } from '../../supervisor/start-supervisor.js';
import { clearRemains, removePlace, testbedPlace } from '../../supervisor/registry.js';
import { isolationHere } from './isolation.js';

/** Runs a plan's open cells in a supervisor of its own, which ends with us. */
export async function runInSupervisor(
  context: Context,
  plan: Plan,
  products: Products,
  runFolder: string,
  { stopAtFailure = false }: { readonly stopAtFailure?: boolean } = {},
): Promise<RunOutcome> {
  const place = testbedPlace(context.paths, `run-${process.pid}`);
  await clearRemains(place);
  const isolation = await isolationHere(context);
  try {
    await using _supervisor = await launchSupervisor(context, place, isolation);
    const request = { verb: 'run', plan, products, runFolder, stopAtFailure } as const;
    const outcome = await ask(place, request, { signal: context.signal, onEvent: context.events });
    return outcome as RunOutcome;
  } finally {
    await removePlace(place);
  }
}
