// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { ask } from '../../supervisor/client.js';
import { clearRemains, runningSupervisor, waitForEnd } from '../../supervisor/registry.js';
import type { CommandBody } from '../command/command.js';
import { namedPlace } from '../command/named-place.js';

/** `testbed down` */
export const down: CommandBody = async (invocation, { context, output }) => {
  const place = await namedPlace(invocation, context);
  const supervisor = await runningSupervisor(place);
  if (supervisor === undefined) {
    output.remark(`testbed ${place.name} is not up; nothing to do`);
    return ExitCode.Ok;
  }
  await ask(place, { verb: 'down' }, { signal: context.signal });
  await waitForEnd(context, supervisor);
  await clearRemains(place);
  output.remark(`testbed ${place.name} is down`);
  return ExitCode.Ok;
};
