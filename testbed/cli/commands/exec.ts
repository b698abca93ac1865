// SPDX-License-Identifier: MIT
import { constants } from 'node:os';
import type { Command, TestbedNode } from '../../api/node/testbed-node.js';
import { withNumberedSignal } from '../../machines/ssh/numbered-signal.js';
import type { RemoteExit } from '../../machines/ssh/session.js';
import type { CommandBody } from '../command/command.js';
import { UsageError } from '../command/errors.js';
import type { Output } from '../command/output.js';
import { namedTestbed } from '../command/named-testbed.js';
import { writeTo } from '../terminal/write-to.js';

/** `testbed exec NODE -- COMMAND...` */
export const exec: CommandBody = async (invocation, { context, output }) => {
  const [name = ''] = invocation.positionals;
  const [file, ...rest] = invocation.rest;
  if (file === undefined) throw new UsageError('exec lacks a command', `npx testbed exec ${name} -- COMMAND`);
  const testbed = await namedTestbed(invocation, context).attach();
  return await execute(testbed.node(name), [file, ...rest], output);
};

/**
 * Runs a command without a terminal: its output is ours, and so is its input unless that is a terminal.
 * @returns the exit status as in a shell
 */
export async function execute(node: TestbedNode, command: Command, output: Output): Promise<number> {
  const finished = await node.exec(withNumberedSignal(command), {
    keep: 'discard',
    onStdout: writeTo(process.stdout),
    onStderr: writeTo(process.stderr),
    ...(process.stdin.isTTY ? {} : { input: process.stdin }),
  });
  for (const { process: program, pid } of finished.oomKills)
    output.remark(`out of memory on ${node.name}: the OOM killer ended ${program} (pid ${pid})`);
  return statusOf(finished);
}

/** The exit status as in a shell: the command's status, or 128 and the signal's number. */
export function statusOf(exit: RemoteExit): number {
  if (exit.signal === undefined) return exit.code ?? 255;
  const name = exit.signal.startsWith('SIG') ? exit.signal : `SIG${exit.signal}`;
  const numbers: Readonly<Partial<Record<string, number>>> = constants.signals;
  return 128 + (numbers[name] ?? 0);
}
