// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import type { Context } from '../../base/host/context.js';
import { acquireLock } from '../../base/host/lock.js';
import { DisposalStack } from '../../base/lifecycle/disposal-stack.js';
import { together } from '../../base/lifecycle/together.js';
import type { Products } from '../../machines/cluster/products.js';
import type { TestbedStatus } from '../../supervisor/protocol.js';
import { isRunName, runningSupervisor, type TestbedPlace } from '../../supervisor/registry.js';
import { launchSupervisor } from '../../supervisor/start-supervisor.js';
import { RequestError } from '../context/errors.js';
import { type CallOptions, forCall } from '../context/open-context.js';
import { SupervisorLink } from '../node/supervisor-link.js';
import { AlreadyUpError } from './errors.js';
import type { Machines } from './resolve-machines.js';
import { ScopedTestbed } from './scoped-testbed.js';
import { UpEstimate } from './up-estimate.js';

/** Where the guests' kernel and image come from. */
export interface Supply {
  /** What the host needs before anything is started. */
  readonly prepareHost: (context: Context) => Promise<void>;
  readonly products: (context: Context) => Promise<Products>;
}

/**
 * Boots machines in a supervisor of their own, and runs the flows. A second call for the same place waits until the first
 * is done. On every way out but success everything is ended that was started.
 * @throws RequestError for a name that runs have
 * @throws AlreadyUpError when a supervisor runs at the place
 * @throws RelayedError with what the supervisor threw: E_BOOT, E_DEADLINE, E_FLOW_STEP
 */
export async function bringUp(
  context: Context,
  place: TestbedPlace,
  machines: Machines,
  supply: Supply,
  options: CallOptions,
): Promise<ScopedTestbed> {
  if (isRunName(place.name))
    throw new RequestError(`${place.name} is a name for runs`, 'Take another name for the testbed.');
  const estimate = await UpEstimate.open(context, machines);
  const told = { ...context, events: estimate.sink };
  const current = forCall(told, options);
  const lock = join(context.paths.state, `${place.name}.up.lock`);
  const purpose = `bringing up testbed ${place.name}`;
  await using _lock = await acquireLock(current, lock, { wait: 'queue', purpose });
  if ((await runningSupervisor(place)) !== undefined) throw new AlreadyUpError(place.name);
  await supply.prepareHost(current);
  await using started = new DisposalStack();
  const [products, supervisor] = await together(
    current.signal,
    async (signal) => supply.products({ ...current, signal }),
    // It takes as long to start as it takes to see that nothing has to be built.
    async (signal) => started.use(await launchSupervisor({ ...current, signal }, place)),
  );
  estimate.boots();
  const { shape, flows } = machines;
  const up = { verb: 'up', shape, products, flows } as const;
  const status = await new SupervisorLink(told, place).askWithEvents<TestbedStatus>(up, options);
  await estimate.isUp();
  started.move();
  return new ScopedTestbed(new SupervisorLink(context, place), supervisor, status);
}
