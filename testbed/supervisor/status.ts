// SPDX-License-Identifier: MIT
import type { ClusterNode } from '../machines/cluster/cluster.js';
import type { NodeStatus, TestbedStatus } from './protocol.js';
import type { Supervisor } from './supervisor.js';

/** What a supervisor says of itself. */
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
    nodes: cluster?.nodes.map(nodeStatus) ?? [],
  };
}

function nodeStatus({ machine, death }: ClusterNode): NodeStatus {
  const { spec } = machine;
  return {
    name: spec.name,
    address: spec.attachment.address,
    state: death === undefined ? 'up' : 'dead',
    memoryBytes: spec.memoryBytes,
    cpus: spec.cpus,
    qemuPid: machine.pid,
    commandLine: machine.commandLine,
    consoleLog: machine.consoleLog,
    oomKills: machine.oomKills.length,
    ...(death === undefined ? {} : { reason: `${death.kind}: ${death.line}` }),
    ...(spec.gdbSocket === undefined ? {} : { gdbSocket: spec.gdbSocket }),
  };
}
