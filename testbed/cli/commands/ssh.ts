// SPDX-License-Identifier: MIT
import type { RemoteExit } from '../../machines/ssh/session.js';
import { ask } from '../../supervisor/client.js';
import type { CommandBody } from '../command/command.js';
import { namedPlace } from '../command/named-place.js';
import { onTerminal, ownTerminal } from '../command/terminal.js';
import { statusOf } from './exec.js';

/** `testbed ssh NODE` */
export const ssh: CommandBody = async (invocation, { context }) => {
  const [node = ''] = invocation.positionals;
  const place = await namedPlace(invocation, context);
  const argv = invocation.rest.length === 0 ? {} : { argv: invocation.rest };
  const request = { verb: 'shell', node, terminal: ownTerminal(), ...argv } as const;
  const exit = await onTerminal(
    undefined,
    async (options) => (await ask(place, request, { ...options, signal: context.signal })) as RemoteExit,
  );
  return statusOf(exit);
};
