// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import type { NodeStatus, TestbedStatus } from '../../supervisor/protocol.js';
import type { CommandBody } from '../command/command.js';
import { namedTestbed } from '../command/named-testbed.js';

/** `testbed status` */
export const status: CommandBody = async (invocation, { context, output }) => {
  const answer = await namedTestbed(invocation, context).status();
  if (output.json) output.object(answer);
  else for (const line of statusLines(answer)) output.line(line);
  return ExitCode.Ok;
};

/** The status of a testbed as text. */
export function statusLines(status: TestbedStatus): readonly string[] {
  const { kernel, link } = status;
  return [
    `testbed ${status.name}: ${status.state} since ${status.since}, supervisor ${status.supervisorPid}`,
    ...(kernel === undefined ? [] : [`  kernel   ${kernel.release} (${kernel.variant}): ${kernel.choice}`]),
    ...(status.accelerator === undefined ? [] : [`  cpu      ${status.accelerator}`]),
    ...(status.network === undefined ? [] : [`  network  ${status.network}`]),
    ...(link === undefined
      ? []
      : [
          `  link     ${megabits(link.throughput)} of ${megabits(link.asked.bandwidth)}, round trip ${link.roundTripUs.median.toFixed(0)} us`,
          ...link.warnings.map((warning) => `           ${warning}`),
        ]),
    ...(status.flows.length === 0 ? [] : [`  set up   ${status.flows.join(', ')}`]),
    ...status.nodes.map(nodeLine),
  ];
}

function nodeLine(node: NodeStatus): string {
  const size = `${Math.round(node.memoryBytes / 2 ** 20)} MiB, ${node.cpus} cpu`;
  const state = [
    node.reason === undefined ? node.state : `${node.state}: ${node.reason}`,
    ...(node.connected ? [] : ['cut off the network']),
    ...node.lostDisks.map((disk) => `${disk} has lost its server`),
    ...(node.oomKills === 0 ? [] : [`OOM killer: ${node.oomKills} processes`]),
  ].join(', ');
  return `  ${node.name.padEnd(8)} ${node.address.padEnd(11)} ${size.padEnd(16)} ${state}`;
}

function megabits(bitsPerSecond: number): string {
  return `${Math.round(bitsPerSecond / 1e6)} Mbit/s`;
}
