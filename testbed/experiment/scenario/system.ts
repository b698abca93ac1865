// SPDX-License-Identifier: MIT
import type { NodeShape } from '../../machines/cluster/shape.js';
import type { Variant } from '../../products/kernel/line/kernel-product.js';
import type { DiskSpeed, Footprint, NamedSystem, Scenario, SystemId } from './scenario.js';

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

/** What `elastic run` is told. */
export interface ElasticRun {
  readonly policy: 'adaptive' | 'threshold' | 'sticky' | 'migrate';
  /** Bytes. */
  readonly budget: number;
  /** To stretch over at once, home included. */
  readonly nodes: number;
  readonly threshold: number;
  readonly window: number;
}

/** What a system is made of, for one footprint. */
export interface System {
  readonly nodes: (scenario: Scenario, footprint: Footprint) => readonly NodeShape[];
  readonly flows: (scenario: Scenario, footprint: Footprint) => readonly CellFlow[];
  /** Absent where nothing is to be swapped at home. */
  readonly swap?: (scenario: Scenario) => SwapUse;
  /** Absent where nothing is stretched. */
  readonly elastic?: (scenario: Scenario, footprint: Footprint) => ElasticRun;
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

/** What a node lends, in home budgets, unless a scenario says how much. */
const LEND_FACTOR = 1.25;

/** Every system, by its name in scenarios; the schema lists the same names. */
export const SYSTEMS: Readonly<Record<NamedSystem, System>> = {
  local: {
    nodes: ({ memory, variant, cpus }, { bytes }) => [
      { role: 'compute', cpus, memoryBytes: sized(memory.local, bytes + ROOM[variant]) },
    ],
    flows: () => [],
  },
  'disk-swap': {
    nodes: ({ memory, cpus, disk }, { bytes }) => [
      {
        role: 'compute',
        cpus,
        memoryBytes: memory.computeNode,
        ...(disk === undefined ? {} : { disk: scratchDisk(disk, bytes) }),
      },
    ],
    flows: ({ disk, memory }) => [
      {
        name: 'disk-swap-setup',
        environment: { ...budgetVariable(memory.budget), EOS_PAGE_CLUSTER: String(disk?.pageCluster ?? 0) },
      },
    ],
    swap: ({ disk }) => ({ pageCluster: disk?.pageCluster ?? 0 }),
  },
  'nbd-swap': nbdSwap(({ nbd }) => nbd.pageCluster),
  'nbd-swap-readahead': nbdSwap(({ nbd }) => nbd.readAheadPageCluster),
  elasticos: stretching('adaptive'),
  'elasticos-nojump': stretching('sticky'),
  migrate: {
    nodes: (scenario, { bytes }) => {
      const { disk } = scenario;
      const swaps = disk !== undefined && swapsAfterMigration(scenario, bytes);
      return [
        elasticHome(scenario),
        { ...elasticLender(scenario), ...(swaps ? { disk: scratchDisk(disk, bytes) } : {}) },
      ];
    },
    flows: (scenario, { bytes }) => {
      const [prepare, start] = elasticFlows(scenario);
      const { disk } = scenario;
      if (disk === undefined || !swapsAfterMigration(scenario, bytes)) return [prepare, start];
      const environment = {
        ...budgetVariable(lentBytes(scenario)),
        EOS_PAGE_CLUSTER: String(disk.pageCluster),
      };
      return [prepare, { name: 'disk-swap-dest', environment }, start];
    },
    elastic: (scenario) => ({ ...elasticRun(scenario), policy: 'migrate', nodes: 2 }),
  },
};

/** What a system is made of. */
export function systemOf(id: SystemId): System {
  const threshold = thresholdOf(id);
  return threshold === undefined ? SYSTEMS[id as NamedSystem] : stretching('threshold', { threshold });
}

/** Whether a system stretches a process over all of its nodes, under whatever policy. */
export function isElasticos(id: SystemId): boolean {
  return id === 'elasticos' || id === 'elasticos-nojump' || thresholdOf(id) !== undefined;
}

/**
 * The systems of a scenario, with `elasticos` under each policy in its place.
 * @param policies as a scenario has them: `adaptive`, `sticky`, `threshold N`; none for what `elasticos` is by itself
 */
export function underPolicies(
  systems: readonly NamedSystem[],
  policies: readonly string[],
): readonly SystemId[] {
  if (policies.length === 0) return systems;
  const all = systems.flatMap((system): readonly SystemId[] =>
    system === 'elasticos' ? policies.map(policySystem) : [system],
  );
  return [...new Set(all)];
}

function policySystem(policy: string): SystemId {
  if (policy === 'sticky') return 'elasticos-nojump';
  if (policy === 'adaptive') return 'elasticos';
  return `elasticos-threshold-${Number(policy.slice('threshold '.length))}`;
}

function thresholdOf(id: SystemId): number | undefined {
  const threshold = /^elasticos-threshold-(\d+)$/.exec(id)?.[1];
  return threshold === undefined ? undefined : Number(threshold);
}

function nbdSwap(pageCluster: (scenario: Scenario) => number): System {
  return {
    nodes: (scenario, { bytes }) =>
      scenario.roles.map((role) => ({
        role,
        cpus: scenario.cpus,
        memoryBytes: role === 'compute' ? scenario.memory.computeNode : memoryNodeBytes(scenario, bytes),
      })),
    flows: (scenario, { bytes }) => [
      {
        name: 'nbd-setup',
        environment: {
          ...budgetVariable(scenario.memory.budget),
          EOS_NBD_SIZE: String(exportBytes(scenario, bytes)),
          EOS_PAGE_CLUSTER: String(pageCluster(scenario)),
        },
      },
    ],
    swap: (scenario) => ({ pageCluster: pageCluster(scenario) }),
  };
}

function stretching(
  policy: ElasticRun['policy'],
  fixed: Partial<Pick<ElasticRun, 'threshold'>> = {},
): System {
  return {
    nodes: (scenario, { nodes }) => [
      elasticHome(scenario),
      ...Array.from({ length: nodes - 1 }, () => elasticLender(scenario)),
    ],
    flows: (scenario) => elasticFlows(scenario),
    elastic: (scenario, { nodes }) => ({ ...elasticRun(scenario), ...fixed, policy, nodes }),
  };
}

function elasticHome({ cpus, memory }: Scenario): NodeShape {
  return { role: 'compute', cpus, memoryBytes: memory.computeNode };
}

function elasticLender(scenario: Scenario): NodeShape {
  const { cpus, memory, variant } = scenario;
  const need = lentBytes(scenario) + ROOM[variant];
  return { role: 'memory', cpus, memoryBytes: sized(memory.memoryNode, need) };
}

function elasticFlows(scenario: Scenario): readonly [CellFlow, CellFlow] {
  const { leaseSeconds, wire } = scenario.elastic;
  const shared = { EOS_LEASE: String(leaseSeconds), EOS_WIRE: wire };
  return [
    { name: 'setup-dest', environment: { ...shared, EOS_LEND: String(lentBytes(scenario)) } },
    { name: 'setup-src', environment: shared },
  ];
}

function elasticRun({ memory, elastic }: Scenario): Omit<ElasticRun, 'policy' | 'nodes'> {
  return { budget: memory.budget ?? 0, threshold: elastic.threshold, window: elastic.window };
}

/** Bytes that each other node lends to a process. */
export function lentBytes({ elastic, memory }: Scenario): number {
  return sized(elastic.lend, LEND_FACTOR * (memory.budget ?? 0));
}

/** Whether a process is too large for the one node that it migrates to. */
export function swapsAfterMigration(scenario: Scenario, footprint: number): boolean {
  return footprint > lentBytes(scenario);
}

/** What a script is told to leave to programs. */
function budgetVariable(bytes: number | undefined): CellFlow['environment'] {
  return bytes === undefined ? {} : { EOS_BUDGET: String(bytes) };
}

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
