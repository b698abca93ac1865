// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { ask } from '../../supervisor/client.js';
import type { CommandBody } from '../command/command.js';
import { namedPlace } from '../command/named-place.js';
import { onTerminal } from '../command/terminal.js';

/** Ctrl-], as telnet and virsh have it. */
const ESCAPE = 0x1d;

/** `testbed console NODE` */
export const console_: CommandBody = async (invocation, { context, output }) => {
  const [node = ''] = invocation.positionals;
  const place = await namedPlace(invocation, context);
  output.remark(`serial console of ${node}; Ctrl-] leaves it`);
  await onTerminal(ESCAPE, async (options) => {
    await ask(place, { verb: 'console', node }, { ...options, signal: context.signal });
  });
  output.remark('');
  return ExitCode.Ok;
};
