// SPDX-License-Identifier: MIT
import type { CommandBody, Invocation } from '../command/command.js';
import { UsageError } from '../command/errors.js';
import { namedTestbed } from '../command/named-testbed.js';
import { onTerminal, ownTerminal } from '../terminal/terminal.js';
import { execute, statusOf } from './exec.js';

/** The shell that reads its commands from our standard input. */
const LOGIN_SHELL = ['/bin/sh', '-l'] as const;

/** `testbed ssh NODE [-t | -T] [-- COMMAND...]` */
export const ssh: CommandBody = async (invocation, { context, output }) => {
  const [name = ''] = invocation.positionals;
  const onOwnTerminal = wantsTerminal(invocation);
  const testbed = await namedTestbed(invocation, context).attach();
  const node = testbed.node(name);
  if (!onOwnTerminal) {
    const [file, ...rest] = invocation.rest;
    return await execute(node, file === undefined ? LOGIN_SHELL : [file, ...rest], output);
  }
  const exit = await onTerminal(undefined, async (streams) =>
    node.shell(ownTerminal(), invocation.rest, streams),
  );
  return statusOf(exit);
};

/** A terminal never tells that its input has ended, so there is none where the input is a pipe or a file. */
function wantsTerminal(invocation: Invocation): boolean {
  const [wanted, refused] = [invocation.flag('terminal'), invocation.flag('no-terminal')];
  if (wanted && refused) throw new UsageError('ssh takes -t or -T, not both', 'npx testbed ssh --help');
  return wanted || (!refused && process.stdin.isTTY);
}
