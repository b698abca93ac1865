// SPDX-License-Identifier: MIT
import type { CellRecord } from '../../experiment/result/cell-record.js';
import { measuringScript, type Purpose } from '../../experiment/run/script.js';
import { TRIAL_PURPOSES } from '../../experiment/run/trials.js';
import type { Cell } from '../../experiment/scenario/plan.js';
import { evidenceLines } from '../evidence-lines.js';

/** A part of a cell's run. */
export interface Phase {
  readonly phase: 'boot' | 'flow' | 'workload' | 'reading' | 'trial';
  /** Of a flow, its name; of a reading, what is read; of a trial, which. */
  readonly name?: string;
}

/** A phase that begins, and when. */
export interface PhaseBegin extends Phase {
  readonly fromNs: number;
}

/**
 * The phases of a run in their order, by what the operator has reported. Each step begins one, which lasts until the next.
 * @param recorded flows of the cell's record: those that were run to their end
 */
export async function phasesOf(
  transcript: string,
  cell: Cell,
  recorded: CellRecord['flows'],
): Promise<readonly PhaseBegin[]> {
  const phases: PhaseBegin[] = [{ phase: 'boot', fromNs: 0 }];
  for await (const { atNs, text } of evidenceLines(transcript)) {
    const step = stepOf(text);
    if (step !== undefined) phases.push({ ...phaseOfStep(step, cell, recorded), fromNs: atNs });
  }
  return phases;
}

/** The phase that a run was in just before an instant. */
export function phaseBefore(atNs: number, phases: readonly PhaseBegin[]): Phase {
  const { phase, name } = phases.findLast(({ fromNs }) => fromNs < atNs) ?? {
    phase: 'boot' as const,
    name: undefined,
  };
  return { phase, ...(name === undefined ? {} : { name }) };
}

/** The step that a line of the operator begins, from 1. When all nodes have answered, the first is about to. */
function stepOf(text: string): number | undefined {
  const [verb, number] = text.split(' ');
  if (verb === 'ready') return 1;
  return verb === 'begin' ? Number(number) : undefined;
}

/** The operator runs the steps of all flows, then the cell's script. A flow that broke off is the last that it ran. */
function phaseOfStep(step: number, cell: Cell, recorded: CellRecord['flows']): Phase {
  const flows = recorded.flatMap(({ name, steps }) => steps.map(() => name));
  const name = flows[step - 1] ?? cell.flows[recorded.length]?.name;
  if (name !== undefined) return { phase: 'flow', name };
  return phaseOf(measuringScript(cell)[step - flows.length - 1]?.purpose);
}

function phaseOf(purpose: Purpose | undefined): Phase {
  if (purpose === undefined || purpose === 'workload') return { phase: 'workload' };
  const isTrial = TRIAL_PURPOSES.some((trial) => trial === purpose);
  return { phase: isTrial ? 'trial' : 'reading', name: purpose };
}

/** Such as `in boot` or `in set-up flow setup-src`. */
export function phaseText({ phase, name = '' }: Phase): string {
  if (phase === 'flow') return `in set-up flow ${name}`;
  if (phase === 'reading') return `in reading ${name}`;
  if (phase === 'trial') return `in trial ${name}`;
  return phase === 'boot' ? 'in boot' : 'in the workload';
}
