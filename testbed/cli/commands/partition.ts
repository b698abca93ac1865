// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { ask } from '../../supervisor/client.js';
import type { CommandBody } from '../command/command.js';
import { namedPlace } from '../command/named-place.js';

/** `testbed partition NODE [--heal]` */
export const partition: CommandBody = async (invocation, { context }) => {
  const [node = ''] = invocation.positionals;
  const place = await namedPlace(invocation, context);
  await ask(
    place,
    { verb: 'partition', node, connected: invocation.flag('heal') },
    { signal: context.signal },
  );
  return ExitCode.Ok;
};
