// SPDX-License-Identifier: MIT
import type { CommandBody } from '../command/command.js';
import { namedTestbed } from '../command/named-testbed.js';
import { onTerminal, ownTerminal } from '../terminal/terminal.js';
import { statusOf } from './exec.js';

/** `testbed ssh NODE` */
export const ssh: CommandBody = async (invocation, { context }) => {
  const [name = ''] = invocation.positionals;
  const testbed = await namedTestbed(invocation, context).attach();
  const node = testbed.node(name);
  const exit = await onTerminal(undefined, async (streams) =>
    node.shell(ownTerminal(), invocation.rest, streams),
  );
  return statusOf(exit);
};
