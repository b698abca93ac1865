// SPDX-License-Identifier: MIT
import { findWorkload } from '../workload/workload.js';
import { sizeText } from './quantity.js';
import type { Scenario } from './scenario.js';
import { memoryNodeNeed, SYSTEMS } from './system.js';

/** RAM that every guest needs for its kernel and its root file system, at the least. */
const GUEST_OWN = 32 * 2 ** 20;

/** What no schema can say: fields that do not go together. One line each, beginning with the field's path. */
export function contradictions(scenario: Scenario): readonly string[] {
  return [
    ...rolesTrouble(scenario),
    ...footprintTrouble(scenario),
    ...diskTrouble(scenario),
    ...exportTrouble(scenario),
    ...noPressure(scenario),
  ];
}

/** The count that the file says, which may differ from the number of roles. */
export function countTrouble(
  count: number | undefined,
  roles: readonly string[] | undefined,
): readonly string[] {
  if (roles === undefined || count === undefined || roles.length === count) return [];
  return [
    `/nodes/count is ${count}; /nodes/roles has ${roles.length} roles, and must have one for each node`,
  ];
}

function* rolesTrouble({ roles, systems }: Scenario): Generator<string> {
  if (roles[0] !== 'compute') yield `/nodes/roles/0 is "${String(roles[0])}"; node1 must be a compute node`;
  if (systems.includes('nbd-swap') && !roles.includes('memory'))
    yield '/systems has nbd-swap, which needs a memory node: raise /nodes/count to 2 or add one to /nodes/roles';
}

function* footprintTrouble({ footprints, workloads }: Scenario): Generator<string> {
  const limits = workloads.map(findWorkload);
  const least = Math.max(...limits.map(({ minimumBytes }) => minimumBytes));
  const most = Math.min(...limits.map(({ maximumBytes }) => maximumBytes));
  for (const [index, footprint] of footprints.entries()) {
    if (footprint < least || footprint > most)
      yield `/footprints/${index} is "${sizeText(footprint)}"; these workloads take "${sizeText(least)}" to "${sizeText(most)}"`;
  }
}

function* diskTrouble({ systems, disk }: Scenario): Generator<string> {
  if (systems.includes('disk-swap') && disk === undefined)
    yield '/disk is missing; with disk-swap in /systems it must say the speed of the emulated disk';
}

function* exportTrouble(scenario: Scenario): Generator<string> {
  const { memory, systems, footprints } = scenario;
  if (!systems.includes('nbd-swap') || memory.memoryNode === 'auto') return;
  const need = Math.max(...footprints.map((footprint) => memoryNodeNeed(scenario, footprint)));
  if (memory.memoryNode < need)
    yield `/memory/memoryNode is "${sizeText(memory.memoryNode)}"; what it exports, and room for itself, take "${sizeText(need)}" ("auto" is that)`;
}

function* noPressure({ memory, systems, footprints }: Scenario): Generator<string> {
  const swapping = systems.filter((system) => SYSTEMS[system].swap !== undefined);
  if (swapping.length === 0) return;
  for (const [index, footprint] of footprints.entries()) {
    if (footprint + GUEST_OWN < memory.computeNode)
      yield `/footprints/${index} is "${sizeText(footprint)}"; it fits into /memory/computeNode, "${sizeText(memory.computeNode)}", and ${swapping.join(' and ')} would have nothing to swap`;
  }
}
