// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import type { CommandBody } from '../command/command.js';
import { namedTestbed } from '../command/named-testbed.js';
import { withView } from '../view/with-view.js';

/** `testbed flow NAME` */
export const flow: CommandBody = async (invocation, session) => {
  const [name = ''] = invocation.positionals;
  const { context, output } = session;
  const testbed = await namedTestbed(invocation, context).attach();
  const report = await withView(session, [{ id: 'flow', title: `Flow ${name}` }], async () =>
    testbed.flow(name),
  );
  if (output.json) output.object(report);
  return ExitCode.Ok;
};
