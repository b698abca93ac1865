// SPDX-License-Identifier: MIT
import type { Context } from '../../base/host/context.js';
import type { Products } from '../../machines/cluster/products.js';
import type { TestbedPlace } from '../../supervisor/registry.js';
import type { CallOptions } from '../context/open-context.js';
import { bringUp } from './bring-up.js';
import { machinesFor, rootOf } from './resolve-machines.js';
import type { ScopedTestbed } from './scoped-testbed.js';
import type { MachinesRequest } from './up-request.js';

/** A testbed whose kernel and image are made. No guest runs yet. */
export class BuiltTestbed {
  readonly #context: Context;
  readonly #place: TestbedPlace;

  /** @internal */
  constructor(
    context: Context,
    place: TestbedPlace,
    /** Kernel, image, and QEMU where it is not the host's own. */
    readonly products: Products,
  ) {
    this.#context = context;
    this.#place = place;
  }

  /**
   * Boots guests of what was built. The root file system is the one that was built, whatever the scenario says.
   * @throws ScenarioError, ScenarioMissingError, QuantityError, RequestError for what cannot be asked for
   * @throws HostInputError for a scenario in virtual time, which is for `run`
   * @throws AlreadyUpError when a testbed of this name is up
   * @throws RelayedError with what the supervisor threw: E_BOOT, E_DEADLINE, E_FLOW_STEP
   */
  async up(request: MachinesRequest = {}, options: CallOptions = {}): Promise<ScopedTestbed> {
    const { products } = this;
    const root = rootOf(products.image.kind);
    const machines = await machinesFor(this.#context, request, root);
    const supply = { prepareHost: () => Promise.resolve(), products: () => Promise.resolve(products) };
    return await bringUp(this.#context, this.#place, machines, supply, options);
  }
}
