// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { ask } from '../../supervisor/client.js';
import type { CommandBody } from '../command/command.js';
import { namedPlace } from '../command/named-place.js';
import { withView } from '../view/with-view.js';

/** `testbed flow NAME` */
export const flow: CommandBody = async (invocation, session) => {
  const [name = ''] = invocation.positionals;
  const { context, output } = session;
  const place = await namedPlace(invocation, context);
  const answer = await withView(session, [{ id: 'flow', title: `Flow ${name}` }], async () =>
    ask(place, { verb: 'flow', flow: name }, { signal: context.signal, onEvent: context.events }),
  );
  if (output.json) output.object(answer);
  return ExitCode.Ok;
};
