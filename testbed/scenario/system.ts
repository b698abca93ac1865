// SPDX-License-Identifier: MIT
import type { NodeShape } from '../cluster/shape.js';
import type { Variant } from '../kernel/product.js';
import type { DiskSpeed, Scenario, SystemId } from './scenario.js';

/** A set-up flow of guests/flows and the variables that a cell gives it. */
export interface CellFlow {
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Swap that a cell's workload has to use. */
export interface SwapUse {
  /** vm.page-cluster: one fault reads at most 2^N pages. */
  readonly pageCluster: number;
}

/** What a system is made of, for one footprint in bytes. */
export interface System {
  readonly nodes: (scenario: Scenario, footprint: number) => readonly NodeShape[];
  readonly flows: (scenario: Scenario, footprint: number) => readonly CellFlow[];
  /** Absent where nothing is to be swapped. */
  readonly swap?: (scenario: Scenario) => SwapUse;
}

const MIB = 2 ** 20;

/**
 * RAM that a guest needs beside what a workload or an export takes: kernel, root file system, its few programs, free
 * pages for the network. Seen: some 40 MiB on both lines once they are up, but 6.1 unpacks no root file system with less
 * than 96; lockdep, and KASAN's shadow of an eighth of all RAM and its quarantine, make up the rest of a debug guest.
 */
const ROOM: Readonly<Record<Variant, number>> = { release: 128 * MIB, debug: 384 * MIB };

/** What other programs of the compute node may have in swap while the whole footprint is there. */
const SWAP_SLACK = 32 * MIB;

/** Every system, by its name in scenarios; the schema lists the same names. */
export const SYSTEMS: Readonly<Record<SystemId, System>> = {
  local: {
    nodes: ({ memory, variant, cpus }, footprint) => [
      { role: 'compute', cpus, memoryBytes: sized(memory.local, footprint + ROOM[variant]) },
    ],
    flows: () => [],
  },
  'disk-swap': {
    nodes: ({ memory, cpus, disk }, footprint) => [
      {
        role: 'compute',
        cpus,
        memoryBytes: memory.computeNode,
        ...(disk === undefined ? {} : { disk: scratchDisk(disk, footprint) }),
      },
    ],
    flows: ({ disk }) => [
      { name: 'disk-swap-setup', environment: { EOS_PAGE_CLUSTER: String(disk?.pageCluster ?? 0) } },
    ],
    swap: ({ disk }) => ({ pageCluster: disk?.pageCluster ?? 0 }),
  },
  'nbd-swap': {
    nodes: (scenario, footprint) =>
      scenario.roles.map((role) => ({
        role,
        cpus: scenario.cpus,
        memoryBytes: role === 'compute' ? scenario.memory.computeNode : memoryNodeBytes(scenario, footprint),
      })),
    flows: (scenario, footprint) => [
      {
        name: 'nbd-setup',
        environment: {
          EOS_NBD_SIZE: String(exportBytes(scenario, footprint)),
          EOS_PAGE_CLUSTER: String(scenario.nbd.pageCluster),
        },
      },
    ],
    swap: ({ nbd }) => ({ pageCluster: nbd.pageCluster }),
  },
};

/** A disk to swap on, as slow as the scenario says. */
export function scratchDisk(disk: DiskSpeed, footprint: number): NonNullable<NodeShape['disk']> {
  const { bytesPerSecond, operationsPerSecond } = disk;
  return {
    bytes: sized(disk.size, footprint + SWAP_SLACK),
    throttle: { bytesPerSecond, operationsPerSecond },
  };
}

/** RAM that a memory node exports to each compute node that swaps on it. */
export function exportBytes({ nbd }: Scenario, footprint: number): number {
  return sized(nbd.size, footprint + SWAP_SLACK);
}

/** RAM of a memory node: its exports to the compute nodes that it serves, and room for itself. */
export function memoryNodeBytes(scenario: Scenario, footprint: number): number {
  return sized(scenario.memory.memoryNode, memoryNodeNeed(scenario, footprint));
}

/** The least RAM with which a memory node can do its work. */
export function memoryNodeNeed(scenario: Scenario, footprint: number): number {
  const { roles, variant } = scenario;
  const compute = roles.filter((role) => role === 'compute').length;
  const memory = roles.length - compute;
  const served = memory === 0 ? 0 : Math.ceil(compute / memory);
  return served * exportBytes(scenario, footprint) + ROOM[variant];
}

/** `auto` becomes the need, in whole MiB. */
function sized(asked: number | 'auto', need: number): number {
  return asked === 'auto' ? Math.ceil(need / MIB) * MIB : asked;
}
