// SPDX-License-Identifier: MIT
import type { IdentityFile } from '../products/image/identity-initrd.js';
import { nodeName } from '../machines/cluster/guest-identity.js';
import { type MeasuringCommand, measuringScript } from '../experiment/run/script.js';
import { portSuffix } from '../machines/flow/evidence.js';
import type { Evidence, Flow } from '../machines/flow/flow.js';
import type { FlowPlace } from '../machines/flow/flow-node.js';
import { loadFlow } from '../machines/flow/load-flow.js';
import { environmentOf, schedule, scriptOf } from '../machines/flow/schedule.js';
import type { Paths } from '../base/host/paths.js';
import { nodeAddress } from '../machines/network/addressing.js';
import type { Cell } from '../experiment/scenario/plan.js';
import { commandLine } from '../machines/ssh/remote-command-line.js';
import { RemoteArgumentError } from '../machines/ssh/errors.js';

/** Deadline of a command that has none of its own. Most answer at once, but a guest that swaps is slow. */
const ANSWER_MS = 120_000;

/** A command that the operator runs on a node. */
export interface PlannedStep {
  readonly node: string;
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly delayMs: number;
  readonly deadlineMs: number;
  /** What the operator does when the command fails: end the plan, or go on with the next step. */
  readonly onFailure: 'stop' | 'go-on';
  /** For a step that keeps running: what shows that it is at work. */
  readonly until?: Evidence;
}

/** Everything that is run on the machines of a cell: first `flows`, then `measuring`, each in order. */
export interface CellPlan {
  readonly flows: readonly PlannedFlow[];
  readonly measuring: readonly PlannedCommand[];
}

/** A set-up flow, and the steps that it runs. */
export interface PlannedFlow {
  readonly flow: Flow;
  readonly environment: Readonly<Record<string, string>>;
  readonly steps: readonly PlannedStep[];
}

/** A command of the cell's script, and how the operator runs it. */
export interface PlannedCommand {
  readonly command: MeasuringCommand;
  readonly step: PlannedStep;
}

/** The steps of a plan in the order in which the operator runs them. */
export function stepsOf({ flows, measuring }: CellPlan): readonly PlannedStep[] {
  return [...flows.flatMap(({ steps }) => steps), ...measuring.map(({ step }) => step)];
}

/** Plans what is run for a cell. @throws FlowRoleError, UnknownFlowError, FlowInvalidError */
export async function planCell(paths: Pick<Paths, 'project'>, cell: Cell): Promise<CellPlan> {
  const places = cell.shape.nodes.map(({ role }, i) => ({
    name: nodeName(i + 1),
    role,
    address: nodeAddress(i + 1),
  }));
  const flows: PlannedFlow[] = [];
  for (const { name, environment } of cell.flows) {
    flows.push(plannedFlow(await loadFlow(paths, name), places, environment));
  }
  return { flows, measuring: measuringScript(cell).map(plannedCommand) };
}

function plannedFlow(
  flow: Flow,
  places: readonly FlowPlace[],
  environment: PlannedFlow['environment'],
): PlannedFlow {
  const steps = [...schedule(flow, places)].map(({ step, pair }): PlannedStep => ({
    node: pair[step.role]?.name ?? '',
    argv: scriptOf(step),
    env: environmentOf({ flow, environment }, step, pair),
    delayMs: step.delayMs,
    deadlineMs: step.deadlineMs,
    onFailure: 'stop',
    ...(step.until === undefined ? {} : { until: step.until }),
  }));
  return { flow, environment, steps };
}

function plannedCommand(command: MeasuringCommand): PlannedCommand {
  const { node, argv, delayMs = 0, deadlineMs = ANSWER_MS } = command;
  const step = { node: nodeName(node), argv, env: {}, delayMs, deadlineMs, onFailure: 'go-on' } as const;
  return { command, step };
}

/** Most seconds that a plan can take: the sum of its delays and deadlines. */
export function longest(steps: readonly PlannedStep[]): number {
  return steps.reduce((sum, { delayMs, deadlineMs }) => sum + (delayMs + deadlineMs) / 1000, 0);
}

/** The files that guests/operator.sh reads a plan from. @throws RemoteArgumentError for a command that ssh cannot carry */
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
