// SPDX-License-Identifier: MIT
import { constants } from 'node:os';
import { ask } from '../../supervisor/client.js';
import type { RemoteExit } from '../../machines/ssh/session.js';
import type { ExecAnswer } from '../../supervisor/protocol.js';
import type { CommandBody } from '../command/command.js';
import { UsageError } from '../command/errors.js';
import { namedPlace } from '../command/named-place.js';
import { writeTo } from '../command/write-to.js';

/** `testbed exec NODE -- COMMAND...` */
export const exec: CommandBody = async (invocation, { context, output }) => {
  const [node = ''] = invocation.positionals;
  const [file, ...rest] = invocation.rest;
  if (file === undefined) throw new UsageError('exec lacks a command', `npx testbed exec ${node} -- COMMAND`);
  const place = await namedPlace(invocation, context);
  const input = !process.stdin.isTTY;
  const exit = (await ask(
    place,
    { verb: 'exec', node, argv: [file, ...rest], input },
    {
      signal: context.signal,
      onStdout: writeTo(process.stdout),
      onStderr: writeTo(process.stderr),
      ...(input ? { stdin: process.stdin as AsyncIterable<Buffer> } : {}),
    },
  )) as ExecAnswer;
  for (const { process: name, pid } of exit.oomKills)
    output.remark(`out of memory on ${node}: the OOM killer ended ${name} (pid ${pid})`);
  return statusOf(exit);
};

/** As a shell would say it: the status, or 128 and the signal's number. */
export function statusOf(exit: RemoteExit): number {
  if (exit.signal === undefined) return exit.code ?? 255;
  const name = exit.signal.startsWith('SIG') ? exit.signal : `SIG${exit.signal}`;
  const numbers: Readonly<Partial<Record<string, number>>> = constants.signals;
  return 128 + (numbers[name] ?? 0);
}
