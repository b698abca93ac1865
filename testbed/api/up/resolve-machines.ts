// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import type { Context } from '../../base/host/context.js';
import { clusterShape } from '../../experiment/scenario/cluster-shapes.js';
import { loadScenario } from '../../experiment/scenario/load-scenario.js';
import { parseBytes, sizeText } from '../../experiment/scenario/quantity.js';
import { FLOWS } from '../../experiment/scenario/set-up.js';
import type { Scenario } from '../../experiment/scenario/scenario.js';
import { type ClusterShape, LEAST_MEMORY, type NodeShape } from '../../machines/cluster/shape.js';
import { type ImageDeclaration, readDeclaration } from '../../products/image/declaration.js';
import { HostInputError } from '../../virtual-time/errors.js';
import type { BuildRequest } from '../build/build-request.js';
import { RequestError } from '../context/errors.js';
import type { MachinesRequest, UpRequest } from './up-request.js';

/** The machines that come up, and what is done on them then. */
export interface Machines {
  readonly shape: ClusterShape;
  readonly flows: readonly string[];
}

/** Used when no scenario is given. */
const DEFAULT_SCENARIO = 'scenarios/default.json';

export const MAX_NODES = 16;

/**
 * Machines, and what they are to be made of: what the request says, and for the rest its scenario.
 * @throws ScenarioError, ScenarioMissingError, QuantityError, RequestError
 * @throws ImageDeclarationError for an image that is not declared
 * @throws HostInputError for a scenario in virtual time
 */
export async function machinesAndBuild(
  context: Context,
  request: UpRequest,
): Promise<{ readonly machines: Machines; readonly build: BuildRequest }> {
  const scenario = await scenarioOf(context, request);
  const image = request.image ?? scenario.root;
  const { kind } = await readDeclaration(join(context.paths.project, 'images'), image);
  return {
    machines: machinesOf(scenario, request, rootOf(kind)),
    build: { kernels: scenario.kernels, variant: scenario.variant, ...request, image },
  };
}

/**
 * Machines with a root file system that has been made already.
 * @throws as {@link machinesAndBuild}
 */
export async function machinesFor(
  context: Context,
  request: MachinesRequest,
  root: ClusterShape['root'],
): Promise<Machines> {
  return machinesOf(await scenarioOf(context, request), request, root);
}

/** Where guests of an image have their root file system. */
export function rootOf(kind: ImageDeclaration['kind']): ClusterShape['root'] {
  return kind === 'ext4' ? 'disk' : 'initramfs';
}

async function scenarioOf(
  context: Context,
  { scenario = DEFAULT_SCENARIO }: MachinesRequest,
): Promise<Scenario> {
  const loaded = await loadScenario(context, scenario);
  if (loaded.virtualTime !== undefined) throw new HostInputError('What is done to a testbed that is up');
  return loaded;
}

function machinesOf(scenario: Scenario, request: MachinesRequest, root: ClusterShape['root']): Machines {
  const base = clusterShape(scenario);
  const nodes = nodesOf(base.nodes, request);
  return {
    shape: {
      ...base,
      nodes,
      kernelArguments: [...base.kernelArguments, ...(request.kernelArguments ?? [])],
      gdb: base.gdb || request.gdb === true,
      dumpOnDeath: base.dumpOnDeath || request.dumpOnDeath === true,
      root,
    },
    flows: request.flows ?? (nodes.length > 1 ? FLOWS[request.with ?? scenario.with] : []),
  };
}

function nodesOf(base: readonly NodeShape[], request: MachinesRequest): readonly NodeShape[] {
  const { nodes = base.length, cpus, memory } = request;
  requireCount('nodes', nodes);
  if (cpus !== undefined) requireCount('cpus', cpus);
  const memoryBytes = typeof memory === 'string' ? parseBytes(memory) : memory;
  if (memoryBytes !== undefined && !(memoryBytes >= LEAST_MEMORY))
    throw new RequestError(
      `memory is ${sizeText(memoryBytes)}; a guest takes ${sizeText(LEAST_MEMORY)} at the least`,
      'Ask for more memory.',
    );
  const last = base.at(-1);
  if (last === undefined) throw new Error('a scenario has at least one node');
  return Array.from({ length: nodes }, (_, i) => ({
    ...(base[i] ?? last),
    ...(cpus === undefined ? {} : { cpus }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  }));
}

function requireCount(what: string, count: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= MAX_NODES) return;
  throw new RequestError(
    `${what} is a number from 1 to ${MAX_NODES}, not ${count}`,
    'Ask for another number.',
  );
}
