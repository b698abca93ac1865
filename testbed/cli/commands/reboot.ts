// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { ask } from '../../supervisor/client.js';
import type { CommandBody } from '../command/command.js';
import { namedPlace } from '../command/named-place.js';

/** `testbed reboot NODE` */
export const reboot: CommandBody = async (invocation, { context, output }) => {
  const [node = ''] = invocation.positionals;
  const place = await namedPlace(invocation, context);
  const answer = await ask(place, { verb: 'reboot', node }, { signal: context.signal });
  if (output.json) output.object(answer);
  return ExitCode.Ok;
};
