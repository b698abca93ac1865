// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import type { CommandBody } from '../command/command.js';
import { namedTestbed } from '../command/named-testbed.js';
import { withView } from '../view/with-view.js';

/** `testbed install NODE PACKAGE...` */
export const install: CommandBody = async (invocation, session) => {
  const [name = '', ...packages] = invocation.positionals;
  const { context, output } = session;
  const testbed = await namedTestbed(invocation, context).attach();
  const node = testbed.node(name);
  const branches = [{ id: `install/${name}`, title: `${packages.join(' ')} into ${name}` }];
  const installation = await withView(session, branches, async () => node.install(packages));
  if (output.json) output.object(installation);
  return ExitCode.Ok;
};
