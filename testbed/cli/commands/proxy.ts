// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import type { CommandBody } from '../command/command.js';
import { namedTestbed } from '../command/named-testbed.js';
import { writeTo } from '../terminal/write-to.js';

/** `testbed proxy NODE`: for `ssh -o ProxyCommand` */
export const proxy: CommandBody = async (invocation, { context }) => {
  const [name = ''] = invocation.positionals;
  const testbed = await namedTestbed(invocation, context).attach();
  await testbed.node(name).proxy({
    stdin: process.stdin as AsyncIterable<Buffer>,
    onStdout: writeTo(process.stdout),
  });
  return ExitCode.Ok;
};
