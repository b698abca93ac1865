// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { PageServer } from '../browser/page-server.js';
import type { CommandBody } from '../command/command.js';
import { namedTestbed } from '../command/named-testbed.js';

/** `testbed view` */
export const view: CommandBody = async (invocation, { context, output }) => {
  const testbed = namedTestbed(invocation, context);
  await using server = await PageServer.open(context.paths);
  if (output.json) output.object({ url: server.url });
  else output.line(`${server.url}  (until Ctrl-C)`);
  for await (const snapshot of testbed.watch()) server.show(snapshot);
  return ExitCode.Ok;
};
