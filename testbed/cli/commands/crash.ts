// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import type { CommandBody } from '../command/command.js';
import { namedTestbed } from '../command/named-testbed.js';

/** `testbed crash NODE` */
export const crash: CommandBody = async (invocation, { context, output }) => {
  const [name = ''] = invocation.positionals;
  const testbed = await namedTestbed(invocation, context).attach();
  await testbed.node(name).crash();
  if (output.json) output.object(await testbed.status());
  return ExitCode.Ok;
};
