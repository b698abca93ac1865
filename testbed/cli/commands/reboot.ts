// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import type { CommandBody } from '../command/command.js';
import { namedTestbed } from '../command/named-testbed.js';

/** `testbed reboot NODE` */
export const reboot: CommandBody = async (invocation, { context, output }) => {
  const [name = ''] = invocation.positionals;
  const testbed = await namedTestbed(invocation, context).attach();
  await testbed.node(name).reboot();
  if (output.json) output.object(await testbed.status());
  return ExitCode.Ok;
};
