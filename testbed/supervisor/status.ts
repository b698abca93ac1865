// SPDX-License-Identifier: MIT
import type { Node } from '../machines/node/node.js';
import type { NodeStatus, TestbedStatus } from './protocol.js';
import type { Supervisor } from './supervisor.js';

/** The answer to `status`. */
export function statusOf(supervisor: Supervisor): TestbedStatus {
  const { place, since, state } = supervisor;
  const cluster = state.kind === 'up' ? state.cluster : undefined;
  return {
    name: place.name,
    state: state.kind,
    supervisorPid: process.pid,
    since: since.toISOString(),
    folder: place.folder,
    kernel: cluster?.products.kernel.provenance,
    vmlinux: cluster?.products.kernel.vmlinux,
    accelerator: cluster?.accelerator,
    network: cluster?.network.kind,
    link: cluster?.link,
    shape: cluster?.shape,
    flows: cluster?.flows ?? [],
    nodes: cluster?.nodes.map((node) => nodeStatus(node, cluster.isConnected(node.index))) ?? [],
  };
}

function nodeStatus({ name, address, memoryBytes, cpus, qemu, death }: Node, connected: boolean): NodeStatus {
  const { gdbSocket } = qemu.spec;
  return {
    name,
    address,
    state: death === undefined ? 'up' : 'dead',
    memoryBytes,
    cpus,
    qemuPid: qemu.pid,
    commandLine: qemu.commandLine,
    consoleLog: qemu.consoleLog,
    oomKills: qemu.oomKills.length,
    connected,
    lostDisks: [...qemu.lostDisks],
    ...(death === undefined ? {} : { reason: `${death.kind}: ${death.line}` }),
    ...(gdbSocket === undefined ? {} : { gdbSocket }),
  };
}
