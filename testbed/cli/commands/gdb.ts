// SPDX-License-Identifier: MIT
import { ask } from '../../supervisor/client.js';
import { UnknownNodeError } from '../../supervisor/errors.js';
import type { TestbedStatus } from '../../supervisor/protocol.js';
import type { CommandBody } from '../command/command.js';
import { debug } from '../start/debugger.js';
import { UsageError } from '../command/errors.js';
import { namedPlace } from '../command/named-place.js';

/** `testbed gdb NODE`: the terminal becomes gdb's. */
export const gdb: CommandBody = async (invocation, { context }) => {
  const [name = ''] = invocation.positionals;
  const place = await namedPlace(invocation, context);
  const status = (await ask(place, { verb: 'status' }, { signal: context.signal })) as TestbedStatus;
  const node = status.nodes.find((candidate) => candidate.name === name);
  if (node === undefined)
    throw new UnknownNodeError(
      name,
      status.nodes.map((candidate) => candidate.name),
    );
  if (node.gdbSocket === undefined || status.vmlinux === undefined || status.kernel === undefined) {
    throw new UsageError(`${name} has no gdb socket`, 'npx testbed down && npx testbed up --gdb');
  }
  const kernel = { line: status.kernel.line, vmlinux: status.vmlinux };
  return await debug(context, { kernel, socket: node.gdbSocket }, invocation.rest);
};
