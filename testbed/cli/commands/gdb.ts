// SPDX-License-Identifier: MIT
import type { CommandBody } from '../command/command.js';
import { UsageError } from '../command/errors.js';
import { namedTestbed } from '../command/named-testbed.js';
import { debug } from '../terminal/debugger.js';

/** `testbed gdb NODE`: the terminal becomes gdb's. */
export const gdb: CommandBody = async (invocation, { context }) => {
  const [name = ''] = invocation.positionals;
  const testbed = await namedTestbed(invocation, context).attach();
  const { gdbSocket } = await testbed.node(name).status();
  const { kernel, vmlinux } = await testbed.status();
  if (gdbSocket === undefined || vmlinux === undefined || kernel === undefined) {
    throw new UsageError(`${name} has no gdb socket`, 'npx testbed down && npx testbed up --gdb');
  }
  const debuggee = { kernel: { line: kernel.line, vmlinux }, socket: gdbSocket };
  return await debug(context, debuggee, invocation.rest);
};
