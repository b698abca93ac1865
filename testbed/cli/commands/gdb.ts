// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { treePlace } from '../../kernel/place.js';
import { ask } from '../../supervisor/client.js';
import { UnknownNodeError } from '../../supervisor/errors.js';
import type { TestbedStatus } from '../../supervisor/protocol.js';
import type { CommandBody } from '../command.js';
import { UsageError } from '../errors.js';
import { namedPlace } from '../named-place.js';

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
  // vmlinux names its sources as seen from the source tree, so that it does not tell where it was built.
  const { source } = treePlace(context.paths, status.kernel.line);
  const orders = [`directory ${source}`, `target remote ${node.gdbSocket}`].flatMap((order) => [
    '-ex',
    order,
  ]);
  const child = spawn('gdb', [status.vmlinux, ...orders, ...invocation.rest], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
};
