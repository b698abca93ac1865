// SPDX-License-Identifier: MIT
import { findWorkload } from '../workload/workload.js';
import { parseMultiple, sizeText } from './quantity.js';
import type { Scenario, SystemId } from './scenario.js';
import { isElasticos, lentBytes, memoryNodeNeed, swapsAfterMigration, systemOf } from './system.js';
import { LEAST_MEMORY } from '../../machines/cluster/shape.js';
import { type Faults, MAX_NODES, type Standstill } from '../../machines/cluster/virtual-time.js';

/** Systems that use another node's memory, beside those that stretch. */
const LENDERS: readonly SystemId[] = ['nbd-swap', 'nbd-swap-readahead', 'migrate'];

/** What no schema can say: fields that do not go together. One line each, beginning with the field's path. */
export function contradictions(scenario: Scenario): readonly string[] {
  return [
    ...rolesTrouble(scenario),
    ...memoryTrouble(scenario),
    ...footprintTrouble(scenario),
    ...diskTrouble(scenario),
    ...exportTrouble(scenario),
    ...budgetTrouble(scenario),
    ...elasticTrouble(scenario),
    ...noPressure(scenario),
    ...virtualTimeTrouble(scenario),
    ...trialsTrouble(scenario),
  ];
}

/** Footprints in home budgets, where there is no budget. */
export function multipleTrouble(
  budget: string | undefined,
  footprints: readonly (string | { readonly size: string })[] | undefined,
): readonly string[] {
  if (budget !== undefined) return [];
  return (footprints ?? []).flatMap((footprint, index) => {
    const size = typeof footprint === 'string' ? footprint : footprint.size;
    if (parseMultiple(size) === undefined) return [];
    return [`/footprints/${index} is "${size}"; so many times what? /memory/budget is missing`];
  });
}

/** Policies of a system that the scenario does not have. */
export function policiesTrouble(
  policies: readonly string[],
  systems: readonly string[] | undefined,
): readonly string[] {
  if (policies.length === 0 || systems?.includes('elasticos') === true) return [];
  return ['/elastic/policies says how elasticos decides, and /systems does not have it'];
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
  const lenders = systems.filter((system) => LENDERS.includes(system) || isElasticos(system));
  if (lenders.length > 0 && !roles.includes('memory'))
    yield `/systems has ${lenders.join(', ')}, which needs a memory node: raise /nodes/count to 2 or add one to /nodes/roles`;
}

function* memoryTrouble({ memory }: Scenario): Generator<string> {
  for (const field of ['computeNode', 'memoryNode', 'local'] as const) {
    const size = memory[field];
    if (size !== 'auto' && size < LEAST_MEMORY)
      yield `/memory/${field} is "${sizeText(size)}"; a guest takes "${sizeText(LEAST_MEMORY)}" at the least`;
  }
}

function* footprintTrouble({ footprints, workloads }: Scenario): Generator<string> {
  const limits = workloads.map(findWorkload);
  const least = Math.max(...limits.map(({ minimumBytes }) => minimumBytes));
  const most = Math.min(...limits.map(({ maximumBytes }) => maximumBytes));
  for (const [index, { bytes }] of footprints.entries()) {
    if (bytes < least || bytes > most)
      yield `/footprints/${index} is "${sizeText(bytes)}"; these workloads take "${sizeText(least)}" to "${sizeText(most)}"`;
  }
}

function* diskTrouble(scenario: Scenario): Generator<string> {
  const { systems, disk, footprints, memory } = scenario;
  if (disk !== undefined) return;
  if (systems.includes('disk-swap'))
    yield '/disk is missing; with disk-swap in /systems it must say the speed of the emulated disk';
  if (
    memory.budget !== undefined &&
    systems.includes('migrate') &&
    footprints.some(({ bytes }) => swapsAfterMigration(scenario, bytes))
  )
    yield `/disk is missing; a process that migrates swaps there, since a node lends "${sizeText(lentBytes(scenario))}" only`;
}

function* exportTrouble(scenario: Scenario): Generator<string> {
  const { memory, systems, footprints } = scenario;
  if (!systems.some((system) => system.startsWith('nbd-swap')) || memory.memoryNode === 'auto') return;
  const need = Math.max(...footprints.map(({ bytes }) => memoryNodeNeed(scenario, bytes)));
  if (memory.memoryNode < need)
    yield `/memory/memoryNode is "${sizeText(memory.memoryNode)}"; what it exports, and room for itself, take "${sizeText(need)}" ("auto" is that)`;
}

function* budgetTrouble({ memory, systems }: Scenario): Generator<string> {
  const stretching = systems.filter((system) => systemOf(system).elastic !== undefined);
  if (memory.budget === undefined) {
    if (stretching.length > 0)
      yield `/memory/budget is missing; ${stretching.join(', ')} must know what a program may have at home`;
    return;
  }
  const need = memory.budget + LEAST_MEMORY;
  if (memory.computeNode < need)
    yield `/memory/computeNode is "${sizeText(memory.computeNode)}"; /memory/budget and the guest itself take "${sizeText(need)}" at the least`;
}

/** What is not at home has to be somewhere. */
function* elasticTrouble(scenario: Scenario): Generator<string> {
  const { systems, footprints, memory, roles } = scenario;
  const stretching = systems.filter((system) => systemOf(system).elastic !== undefined);
  if (stretching.length === 0 || memory.budget === undefined) return;
  if (roles.includes('memory') && roles.filter((role) => role === 'compute').length > 1)
    yield `/nodes/roles has several compute nodes; ${stretching.join(', ')} stretch from node1 to memory nodes`;
  for (const [index, { bytes, nodes }] of footprints.entries()) {
    const room = memory.budget + (nodes - 1) * lentBytes(scenario);
    if (stretching.some((system) => system !== 'migrate') && bytes > room)
      yield `/footprints/${index} is "${sizeText(bytes)}"; ${nodes} nodes have room for "${sizeText(room)}"`;
  }
}

function* noPressure({ memory, systems, footprints }: Scenario): Generator<string> {
  const pressed = systems.filter((system) => system !== 'local');
  if (pressed.length === 0) return;
  for (const [index, { bytes }] of footprints.entries()) {
    if (memory.budget !== undefined && bytes <= memory.budget)
      yield `/footprints/${index} is "${sizeText(bytes)}"; it fits into /memory/budget, "${sizeText(memory.budget)}", and ${pressed.join(' and ')} would have nothing to do`;
    else if (memory.budget === undefined && bytes + LEAST_MEMORY < memory.computeNode)
      yield `/footprints/${index} is "${sizeText(bytes)}"; it fits into /memory/computeNode, "${sizeText(memory.computeNode)}", and ${pressed.join(' and ')} would have nothing to swap`;
  }
}

/** What a disk does comes back in the host's time; so it has no place where the guests' own instructions make time. */
function* virtualTimeTrouble(scenario: Scenario): Generator<string> {
  const { virtualTime, systems, root, cpus, roles, link } = scenario;
  if (virtualTime === undefined) return;
  if (systems.includes('disk-swap'))
    yield '/systems has disk-swap; an emulated disk answers in host time and cannot be had in virtual time';
  if (root === 'disk') yield '/root is "disk"; in virtual time the root file system must be "initramfs"';
  if (cpus !== 1) yield `/nodes/cpus is ${cpus}; in virtual time a node has 1`;
  // Systems that stretch get as many as their footprint says.
  const nodes = Math.max(roles.length, ...scenario.footprints.map((footprint) => footprint.nodes));
  if (nodes > MAX_NODES) yield `/nodes has ${nodes} nodes; in virtual time there are at most ${MAX_NODES}`;
  if (virtualTime.quantumNs > link.delayUs * 1000)
    yield `/virtualTime/quantum is ${virtualTime.quantumNs / 1000}us; it may not be longer than /link/delay, ${link.delayUs}us`;
  if (virtualTime.quantumNs < 1) yield '/virtualTime/quantum is 0; guests could not run at all';
  yield* faultTrouble(virtualTime.faults, nodes);
}

function* faultTrouble(faults: Faults, nodes: number): Generator<string> {
  const { cuts, crashes, pauses = [], freezes = [] } = faults;
  const others = cuts.flatMap(({ other }) => other ?? []);
  for (const node of [...[...cuts, ...crashes, ...pauses, ...freezes].map((fault) => fault.node), ...others])
    if (Number(node.slice('node'.length)) > nodes)
      yield `/virtualTime/faults has ${node}, and there are ${nodes} nodes`;
  for (const { node, other } of cuts)
    if (node === other) yield `/virtualTime/faults/cuts has a link from ${node} to itself`;
  yield* standstillTrouble('pauses', pauses);
  yield* standstillTrouble('freezes', freezes);
  for (const { node, atNs } of crashes)
    if (pauses.some((pause) => pause.node === node && pause.fromNs <= atNs && atNs <= pause.toNs))
      yield `/virtualTime/faults/crashes has ${node} while it is paused`;
}

/** A trial takes node2 off the network, which in wall time ends the ssh session to it. */
function* trialsTrouble({ trials, virtualTime, systems, footprints }: Scenario): Generator<string> {
  if (!trials) return;
  if (virtualTime === undefined) yield '/trials is true; trials are made in virtual time';
  if (!systems.every(isElasticos))
    yield '/trials is true; trials stretch a program, so /systems has to be of elasticos, elasticos-nojump';
  for (const [index, { nodes }] of footprints.entries())
    if (nodes !== 2) yield `/footprints/${index} has ${nodes} nodes; trials are made on 2`;
}

/** They are in order of time. */
function* standstillTrouble(which: string, standstills: readonly Standstill[]): Generator<string> {
  for (const [i, { node, fromNs, toNs }] of standstills.entries()) {
    if (fromNs >= toNs) yield `/virtualTime/faults/${which} has ${node} up to an instant before it begins`;
    if (standstills.slice(i + 1).some((later) => later.node === node && later.fromNs <= toNs))
      yield `/virtualTime/faults/${which} has ${node} twice at once`;
  }
}
