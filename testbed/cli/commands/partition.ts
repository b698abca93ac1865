// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import type { CommandBody } from '../command/command.js';
import { namedTestbed } from '../command/named-testbed.js';

/** `testbed partition NODE [--heal]` */
export const partition: CommandBody = async (invocation, { context }) => {
  const [name = ''] = invocation.positionals;
  const testbed = await namedTestbed(invocation, context).attach();
  const node = testbed.node(name);
  await (invocation.flag('heal') ? node.heal() : node.partition());
  return ExitCode.Ok;
};
