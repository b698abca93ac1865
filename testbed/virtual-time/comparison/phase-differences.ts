// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { evidenceOf } from '../kept-evidence.js';
import { type Amounts, amountsOf } from './figure-differences.js';
import type { RanCell } from './parting.js';
import { type Phase, phasesOf } from './phase.js';

/** How long a phase took in two runs, in nanoseconds. All readings together are one phase. */
export type PhaseDifference = Phase & Amounts;

/** A phase of one run. */
interface Span {
  readonly phase: Phase;
  readonly nanoseconds: number;
}

/** The phases of two runs of a cell, in a's order. Empty when one of them does not keep its transcript. */
export async function phaseDifferences(a: RanCell, b: RanCell): Promise<readonly PhaseDifference[]> {
  const [left, right] = [await spansOf(a), await spansOf(b)];
  if (left === undefined || right === undefined) return [];
  return [...new Map([...left, ...right])].map(([key, { phase }]) => ({
    ...phase,
    ...amountsOf(left.get(key)?.nanoseconds, right.get(key)?.nanoseconds),
  }));
}

/** The phases of a run by their names, in order. */
async function spansOf({ run, cell, result }: RanCell): Promise<ReadonlyMap<string, Span> | undefined> {
  const transcript = evidenceOf(run, result)?.transcript;
  if (transcript === undefined || !existsSync(transcript)) return undefined;
  const begins = await phasesOf(transcript, cell, result.flows);
  const spans = new Map<string, Span>();
  for (const [i, { fromNs, ...one }] of begins.entries()) {
    const toNs = begins[i + 1]?.fromNs ?? result.virtualTime?.virtualNanoseconds ?? fromNs;
    const phase: Phase = one.phase === 'reading' ? { phase: 'reading' } : one;
    const key = `${phase.phase} ${phase.name ?? ''}`;
    spans.set(key, { phase, nanoseconds: (spans.get(key)?.nanoseconds ?? 0) + toNs - fromNs });
  }
  return spans;
}
