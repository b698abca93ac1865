// SPDX-License-Identifier: MIT
import type { Context } from '../../base/host/context.js';
import { type Isolation, planNetwork, probeNetwork } from '../../machines/network/capabilities.js';

/** How a supervisor can be set apart on this host. */
export async function isolationHere(context: Context): Promise<Isolation> {
  return planNetwork(await probeNetwork(context)).isolation;
}
