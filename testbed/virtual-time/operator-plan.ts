// SPDX-License-Identifier: MIT
import type { IdentityFile } from '../products/image/identity-initrd.js';
import { nodeName } from '../machines/cluster/guest-identity.js';
import { measuringCommands } from '../experiment/run/measure.js';
import { portSuffix } from '../machines/flow/evidence.js';
import type { Evidence } from '../machines/flow/flow.js';
import { environmentOf, itinerary, scriptOf } from '../machines/flow/itinerary.js';
import { loadFlow } from '../machines/flow/load-flow.js';
import type { FlowPlace } from '../machines/flow/pairing.js';
import type { Paths } from '../base/host/paths.js';
import { nodeAddress } from '../machines/network/addressing.js';
import type { Cell } from '../experiment/scenario/plan.js';
import { commandLine } from '../machines/ssh/remote-command-line.js';
import { RemoteArgumentError } from '../machines/ssh/errors.js';

/** Time for a command that answers at once, if need be on a guest that swaps. */
const ANSWER_MS = 120_000;

/** A command that the operator runs on a node. */
export interface PlannedStep {
  readonly node: string;
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly delayMs: number;
  readonly deadlineMs: number;
  /** Whether what comes behind it makes sense without it. */
  readonly onFailure: 'stop' | 'go-on';
  /** For a step that goes on running. */
  readonly until?: Evidence;
}

/**
 * Everything that a cell does to its machines, in order: the steps of its flows, then what measures its workload.
 * @throws FlowRoleError, UnknownFlowError, FlowInvalidError
 */
export async function planCell(paths: Pick<Paths, 'project'>, cell: Cell): Promise<readonly PlannedStep[]> {
  const places = cell.shape.nodes.map(({ role }, i) => ({
    name: nodeName(i + 1),
    role,
    address: nodeAddress(i + 1),
  }));
  const steps: PlannedStep[] = [];
  for (const { name, environment } of cell.flows) {
    steps.push(...(await flowSteps(paths, name, places, environment)));
  }
  return [...steps, ...measuringSteps(cell)];
}

async function flowSteps(
  paths: Pick<Paths, 'project'>,
  name: string,
  places: readonly FlowPlace[],
  environment: Readonly<Record<string, string>>,
): Promise<readonly PlannedStep[]> {
  const flow = await loadFlow(paths, name);
  return [...itinerary(flow, places)].map(({ step, pair }) => ({
    node: pair[step.role]?.name ?? '',
    argv: scriptOf(step),
    env: environmentOf({ flow, environment }, step, pair),
    delayMs: step.delayMs,
    deadlineMs: step.deadlineMs,
    onFailure: 'stop',
    ...(step.until === undefined ? {} : { until: step.until }),
  }));
}

function measuringSteps(cell: Cell): readonly PlannedStep[] {
  return measuringCommands(cell).map(({ node, argv, delayMs, deadlineMs }) => ({
    node: nodeName(node),
    argv,
    env: {},
    delayMs: delayMs ?? 0,
    deadlineMs: deadlineMs ?? ANSWER_MS,
    onFailure: 'go-on',
  }));
}

/** Seconds after which a plan has failed whatever happens: all of its deadlines and delays, one after the other. */
export function longest(steps: readonly PlannedStep[]): number {
  return steps.reduce((sum, { delayMs, deadlineMs }) => sum + (delayMs + deadlineMs) / 1000, 0);
}

/** A plan as guests/operator.sh reads it. @throws RemoteArgumentError for a command that ssh cannot carry */
export function planFiles(nodes: readonly string[], steps: readonly PlannedStep[]): readonly IdentityFile[] {
  return [
    { path: 'etc/testbed/plan-nodes', mode: 0o644, content: `${nodes.join('\n')}\n` },
    ...steps.flatMap((step, i) => {
      const path = `etc/testbed/plan-${String(i + 1).padStart(3, '0')}`;
      return [
        { path: `${path}.step`, mode: 0o644, content: stepVariables(step) },
        { path: `${path}.command`, mode: 0o644, content: remoteCommand(step) },
      ];
    }),
  ];
}

function stepVariables({ node, delayMs, deadlineMs, onFailure, until }: PlannedStep): string {
  const variables: Record<string, string> = {
    node,
    delay: String(delayMs / 1000),
    deadline: String(deadlineMs / 1000),
    on_failure: onFailure,
    ...(until !== undefined && 'line' in until ? { until_line: until.line } : {}),
    ...(until !== undefined && 'port' in until ? { until_port: portSuffix(until.port) } : {}),
  };
  return Object.entries(variables)
    .map(([name, value]) => `${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join('');
}

function remoteCommand({ node, argv, env }: PlannedStep): string {
  const { text, preamble } = commandLine(node, argv, env);
  if (preamble !== undefined) throw new RemoteArgumentError(node, 'the command is too long for a plan');
  return text;
}
