// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { ask } from '../../supervisor/client.js';
import type { CommandBody } from '../command/command.js';
import { namedPlace } from '../command/named-place.js';
import { writeTo } from '../command/write-to.js';

/** `testbed proxy NODE`: for `ssh -o ProxyCommand` */
export const proxy: CommandBody = async (invocation, { context }) => {
  const [node = ''] = invocation.positionals;
  const place = await namedPlace(invocation, context);
  await ask(
    place,
    { verb: 'proxy', node },
    {
      signal: context.signal,
      stdin: process.stdin as AsyncIterable<Buffer>,
      onStdout: writeTo(process.stdout),
    },
  );
  return ExitCode.Ok;
};
