// SPDX-License-Identifier: MIT
import type { ArgumentVector } from '../../base/process/process-runner.js';
import { nodeName } from '../../machines/cluster/guest-identity.js';
import type { RemoteFinished } from '../../machines/ssh/session.js';
import type { Cell } from '../scenario/plan.js';
import { programCommand } from '../workload/program.js';
import type { WorkloadRun } from '../workload/workload.js';
import { elasticCommand, shellCommands } from './elastic.js';
import { SAMPLE } from './guest-sample.js';
import { CALIBRATION, timed, USAGE } from './resource-usage.js';
import { trialCommands, type TrialPurpose } from './trials.js';

/** What an answer is read for. */
export type Purpose =
  | 'resident-unit'
  | 'guest-before'
  | 'workload'
  | 'usage'
  | 'guest-after'
  | 'shells-left'
  | 'shells'
  | 'counters'
  | TrialPurpose;

/** A command that is run on a node to measure a cell. */
export interface MeasuringCommand {
  readonly purpose: Purpose;
  /** Index of its node. */
  readonly node: number;
  readonly argv: ArgumentVector;
  /** Most milliseconds for it; absent for what answers at once. */
  readonly deadlineMs?: number;
  /** What its answer has to show. The command is run again until it does. */
  readonly until?: Condition;
  /** Milliseconds to wait before it where it can be run only once. */
  readonly delayMs?: number;
}

/** What an answer has to show. */
export interface Condition {
  /** A noun phrase: it becomes the subject of the error. */
  readonly what: string;
  /** @throws when the answer makes no sense */
  readonly shownBy: (answer: RemoteFinished) => boolean;
  /** Most milliseconds until it is shown. */
  readonly withinMs: number;
}

/** What a cell's workload computes. */
export function runOf({ workload, footprintBytes, seed }: Cell): WorkloadRun {
  return { workload, bytes: footprintBytes, seed: BigInt(seed) };
}

/**
 * The commands that are run on a cell's nodes to measure it, in order. This is the only list of them: in wall time a
 * measurement runs each when it needs it, and in virtual time the operator's plan is made from it.
 */
export function measuringScript(cell: Cell): readonly MeasuringCommand[] {
  const workload = timed(workloadCommand(cell));
  return [
    { purpose: 'resident-unit', node: 1, argv: CALIBRATION },
    { purpose: 'guest-before', node: 1, argv: SAMPLE },
    { purpose: 'workload', node: 1, argv: workload, deadlineMs: cell.deadlineMs },
    { purpose: 'usage', node: 1, argv: USAGE },
    { purpose: 'guest-after', node: 1, argv: SAMPLE },
    ...(cell.elastic === undefined ? [] : shellCommands(survivors(cell), isDisturbed(cell))),
    ...(cell.trials === undefined ? [] : trialCommands(cell.trials)),
  ];
}

function workloadCommand(cell: Cell): ArgumentVector {
  const program = programCommand(runOf(cell));
  return cell.elastic === undefined ? program : elasticCommand(cell.elastic, program);
}

/** Indices of the nodes that the scenario does not let crash. Home is always included. */
function survivors({ shape }: Cell): readonly number[] {
  const crashes = shape.virtualTime?.faults.crashes ?? [];
  const lost = new Set(crashes.map(({ node }) => node));
  return shape.nodes.map((_, i) => i + 1).filter((index) => index === 1 || !lost.has(nodeName(index)));
}

function isDisturbed({ shape }: Cell): boolean {
  const faults = shape.virtualTime?.faults;
  if (faults === undefined) return false;
  const { crashes, cuts, pauses = [], freezes = [], loss } = faults;
  return loss > 0 || [crashes, cuts, pauses, freezes].some((planned) => planned.length > 0);
}
