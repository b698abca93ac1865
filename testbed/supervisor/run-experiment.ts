// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import { bootCluster } from '../machines/cluster/cluster.js';
import type { Products } from '../machines/cluster/products.js';
import { Broadcast } from '../base/event/broadcast.js';
import type { Context } from '../base/host/context.js';
import { withLock } from '../base/host/lock.js';
import { explainStack } from '../products/kernel/stack.js';
import { RunFolder, runLock } from '../experiment/result/run-folder.js';
import { refuseOtherInputs } from '../experiment/result/same-inputs.js';
import type { Plan } from '../experiment/scenario/plan.js';
import { Journal } from '../base/event/journal.js';
import { expectedChecksum } from '../experiment/workload/oracle/expected.js';
import { runInVirtualTime } from '../virtual-time/run-in-virtual-time.js';
import { CellCosts } from '../experiment/run/cell-costs.js';
import type { Machines } from '../experiment/run/machines.js';
import { type RunOutcome, runPlan } from '../experiment/run/run-plan.js';
import { WallTimeCluster } from '../experiment/run/wall-time-cluster.js';

export interface ExperimentRequest {
  readonly plan: Plan;
  readonly products: Products;
  /** Folder of a run that was created for this plan and these products. */
  readonly runFolder: string;
  /** A short path, for the guests' sockets. */
  readonly sockets: string;
  /** Whether the first cell that is not ok is the last one. */
  readonly stopAtFailure?: boolean;
}

/**
 * Runs the cells of a plan that have no record yet, on guests booted for each of them. Where the network is a bridge, it
 * has to run in a network namespace of its own. All events are also written to `events.jsonl` in the run's folder.
 * @throws BusyError when another process works on this run
 * @throws RunMismatchError when the run was begun with other inputs
 * @throws as {@link runPlan}
 */
export async function runExperiment(context: Context, request: ExperimentRequest): Promise<RunOutcome> {
  const { plan, products, runFolder } = request;
  const store = await RunFolder.open(runFolder);
  refuseOtherInputs(store.record, { plan, products });
  const purpose = `running ${store.record.id}`;
  return await withLock(context, runLock(runFolder), { wait: 'refuse', purpose }, async () => {
    await using journal = new Journal(join(runFolder, 'events.jsonl'));
    const events = new Broadcast();
    events.subscribe(context.events);
    events.subscribe(journal.sink);
    await store.clearScratch();
    return await runPlan({ ...context, events: events.sink }, plan, {
      machines: clusterMachines(context, request),
      oracle: async (run) => expectedChecksum(context, run),
      store,
      costs: await CellCosts.open(context.paths),
      stopAtFailure: request.stopAtFailure ?? false,
    });
  });
}

/** Boots fresh guests for every cell, in wall time or in virtual time as its shape says. */
function clusterMachines(context: Context, { products, sockets }: ExperimentRequest): Machines {
  return {
    boot: async (inner, cell, folder) => {
      const { shape } = cell;
      if (shape.virtualTime !== undefined)
        return runInVirtualTime(inner, { cell, products, folder, sockets });
      const request = { shape, products, folder, sockets, measure: true };
      return new WallTimeCluster(inner, cell, await bootCluster(inner, request));
    },
    explain: (error) => explainStack(context, products.kernel, error),
  };
}
