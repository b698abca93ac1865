// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import type { CommandBody } from '../command/command.js';
import { namedTestbed } from '../command/named-testbed.js';
import { onTerminal } from '../terminal/terminal.js';

/** Ctrl-], as in telnet and virsh. */
const ESCAPE = 0x1d;

/** `testbed console NODE` */
export const console_: CommandBody = async (invocation, { context, output }) => {
  const [name = ''] = invocation.positionals;
  const testbed = await namedTestbed(invocation, context).attach();
  const node = testbed.node(name);
  output.remark(`serial console of ${name}; Ctrl-] leaves it`);
  await onTerminal(ESCAPE, async (streams) => node.console(streams));
  output.remark('');
  return ExitCode.Ok;
};
