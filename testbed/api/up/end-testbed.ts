// SPDX-License-Identifier: MIT
import { clearRemains, runningSupervisor, waitForEnd } from '../../supervisor/registry.js';
import { type CallOptions, forCall } from '../context/open-context.js';
import type { SupervisorLink } from '../node/supervisor-link.js';

/**
 * Ends the testbed that a link leads to, whatever it does.
 * @returns whether there was one
 * @throws DeadlineError when its supervisor has not ended after half a minute
 */
export async function endTestbed(link: SupervisorLink, options: CallOptions): Promise<boolean> {
  const { place } = link;
  const supervisor = await runningSupervisor(place);
  const context = forCall(link.context, options);
  if (supervisor === undefined) {
    await clearRemains(context, place);
    return false;
  }
  await link.ask({ verb: 'down' }, options);
  await waitForEnd(context, supervisor);
  await clearRemains(context, place);
  return true;
}
