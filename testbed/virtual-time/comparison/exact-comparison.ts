// SPDX-License-Identifier: MIT
import type { CellStatus } from '../../experiment/result/cell-record.js';
import type { Run, RunCell } from '../../experiment/result/load-run.js';
import { timeOfBoth } from '../../experiment/result/run-time.js';
import type { Difference } from '../difference.js';
import { NothingToVerifyError } from '../errors.js';
import { resultDifference } from '../repeatable.js';
import { type FigureDifference, figureDifferences } from './figure-differences.js';
import { type InputDifference, differingInputs } from './differing-inputs.js';
import { type PhaseDifference, phaseDifferences } from './phase-differences.js';
import { type Parting, partingOf, type RanCell } from './parting.js';

/** Two runs in virtual time. Nothing in it is an estimate: the same inputs give the same run, to the bit. */
export interface ExactComparison {
  /** Ids of the runs. */
  readonly a: string;
  readonly b: string;
  /** Every cell of either plan, a's first. */
  readonly cells: readonly CellComparison[];
}

/** A cell in two runs. */
export type CellComparison = { readonly cell: string } & (NotInBoth | BothRan);

interface NotInBoth {
  readonly verdict: 'not in both';
  /** The runs that have no record of it. */
  readonly missingIn: readonly ('a' | 'b')[];
}

interface BothRan {
  /** `identical`: consoles, transcript, captured frames and all that was measured. */
  readonly verdict: 'identical' | 'different';
  readonly a: CellOfRun;
  readonly b: CellOfRun;
  /** Inputs that differ; there may be some that change nothing. */
  readonly inputs: readonly InputDifference[];
  readonly figures: readonly FigureDifference[];
  /** How long each phase took. Empty where a transcript is not kept. */
  readonly phases: readonly PhaseDifference[];
  /** Of cells that are different: where they part. */
  readonly parting?: Parting;
  /** Why there is no `parting`. */
  readonly noParting?: string;
  /** Of cells with one digest: the first thing that was read from it differently. */
  readonly readDifferently?: Omit<Difference, 'atNs'>;
}

interface CellOfRun {
  readonly status: CellStatus;
  readonly reason?: string;
  /** Absent when the guests could not be started. */
  readonly digest?: string;
}

/**
 * Compares two runs in virtual time, cell by cell, by the cells' ids.
 * @throws RunTimesDifferError when one of them is in wall time, NothingToVerifyError when both are
 */
export async function compareExactly(a: Run, b: Run): Promise<ExactComparison> {
  if (timeOfBoth(a, b) === 'wall') throw new NothingToVerifyError(a.record.id);
  const ids = [...new Set([...a.cells, ...b.cells].map(({ cell }) => cell.id))];
  const cells: CellComparison[] = [];
  for (const id of ids) cells.push({ cell: id, ...(await comparison(a, b, id)) });
  return { a: a.record.id, b: b.record.id, cells };
}

async function comparison(a: Run, b: Run, id: string): Promise<NotInBoth | BothRan> {
  const [left, right] = [ran(a, id), ran(b, id)];
  if (left !== undefined && right !== undefined) return await bothRan(left, right);
  const missingIn = [
    ...(left === undefined ? (['a'] as const) : []),
    ...(right === undefined ? (['b'] as const) : []),
  ];
  return { verdict: 'not in both', missingIn };
}

type RunOfCell = RanCell & { readonly record: Run['record'] };

function ran(run: Run, id: string): RunOfCell | undefined {
  const found: RunCell | undefined = run.cells.find(({ cell }) => cell.id === id);
  if (found?.result === undefined) return undefined;
  return { run, record: run.record, cell: found.cell, result: found.result };
}

async function bothRan(a: RunOfCell, b: RunOfCell): Promise<BothRan> {
  const parts = {
    a: cellOfRun(a),
    b: cellOfRun(b),
    inputs: differingInputs(a, b),
    figures: figureDifferences(a.result, b.result),
    phases: await phaseDifferences(a, b),
  };
  const digest = parts.a.digest;
  if (digest === undefined || digest !== parts.b.digest)
    return { verdict: 'different', ...parts, ...(await parted(a, b)) };
  const found = resultDifference(withoutDigest(a), withoutDigest(b));
  if (found === undefined) return { verdict: 'identical', ...parts };
  const { where, a: mine, b: others } = found;
  return { verdict: 'different', ...parts, readDifferently: { where, a: mine, b: others } };
}

async function parted(a: RanCell, b: RanCell): Promise<Pick<BothRan, 'parting' | 'noParting'>> {
  const parting = await partingOf(a, b);
  return typeof parting === 'string' ? { noParting: parting } : { parting };
}

/** The record apart from the digest and the inputs, which are compared by themselves. */
function withoutDigest({ result }: RanCell): Omit<RanCell['result'], 'virtualTime'> {
  const { virtualTime: _, ...rest } = result;
  return rest;
}

function cellOfRun({ result: { status, reason, virtualTime } }: RanCell): CellOfRun {
  return {
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(virtualTime === undefined ? {} : { digest: virtualTime.digest }),
  };
}
