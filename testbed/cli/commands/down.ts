// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import type { CommandBody } from '../command/command.js';
import { namedTestbed } from '../command/named-testbed.js';

/** `testbed down` */
export const down: CommandBody = async (invocation, { context, output }) => {
  const testbed = namedTestbed(invocation, context);
  const ended = await testbed.down();
  output.remark(
    ended ? `testbed ${testbed.name} is down` : `testbed ${testbed.name} is not up; nothing to do`,
  );
  return ExitCode.Ok;
};
