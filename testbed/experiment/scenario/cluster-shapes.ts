// SPDX-License-Identifier: MIT
import type { ClusterShape } from '../../machines/cluster/shape.js';
import type { Footprint, Scenario, SystemId } from './scenario.js';
import { memoryNodeBytes, scratchDisk, systemOf } from './system.js';

/** The machines of a whole testbed that a scenario describes: every node, with what its largest cell needs. */
export function clusterShape(scenario: Scenario): ClusterShape {
  const { cpus, disk, memory } = scenario;
  const footprint = Math.max(...scenario.footprints.map(({ bytes }) => bytes), 2 * memory.computeNode);
  const compute = {
    role: 'compute',
    cpus,
    memoryBytes: memory.computeNode,
    ...(disk === undefined ? {} : { disk: scratchDisk(disk, footprint) }),
  } as const;
  const lender = { role: 'memory', cpus, memoryBytes: memoryNodeBytes(scenario, footprint) } as const;
  const nodes = scenario.roles.map((role) => (role === 'compute' ? compute : lender));
  return { nodes, ...surroundings(scenario) };
}

/** The machines of one cell. */
export function cellShape(scenario: Scenario, system: SystemId, footprint: Footprint): ClusterShape {
  return { nodes: systemOf(system).nodes(scenario, footprint), ...surroundings(scenario) };
}

function surroundings(scenario: Scenario): Omit<ClusterShape, 'nodes'> {
  const { link, kernelArguments, root, virtualTime } = scenario;
  const machines = { link, kernelArguments, gdb: false, dumpOnDeath: false, root };
  return virtualTime === undefined ? machines : { ...machines, virtualTime };
}
