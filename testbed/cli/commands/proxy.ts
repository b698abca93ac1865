// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { InterruptedError } from '../../base/lifecycle/interrupted-error.js';
import type { CommandBody } from '../command/command.js';
import { namedTestbed } from '../command/named-testbed.js';
import { writeTo } from '../terminal/write-to.js';

/** `testbed proxy NODE`: for `ssh -o ProxyCommand`. ssh ends it with SIGHUP, which is no news to the user. */
export const proxy: CommandBody = async (invocation, { context }) => {
  const [name = ''] = invocation.positionals;
  const testbed = await namedTestbed(invocation, context).attach();
  const streams = { stdin: process.stdin as AsyncIterable<Buffer>, onStdout: writeTo(process.stdout) };
  try {
    await testbed.node(name).proxy(streams);
  } catch (thrown) {
    if (!(thrown instanceof InterruptedError) || thrown.by !== 'SIGHUP') throw thrown;
  }
  return ExitCode.Ok;
};
