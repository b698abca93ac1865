// SPDX-License-Identifier: MIT
import type { CellRecord } from '../../experiment/result/cell-record.js';
import type { Run } from '../../experiment/result/load-run.js';
import type { Cell } from '../../experiment/scenario/plan.js';
import { type EvidenceDifference, firstDifference } from '../difference.js';
import type { Evidence } from '../digest.js';
import { evidenceOf, missingFiles } from '../kept-evidence.js';
import { type Phase, phaseBefore, phasesOf } from './phase.js';

/** Where two runs of a cell part: the first instant at which they differ, and the phase that both were in until then. */
export interface Parting extends EvidenceDifference {
  readonly during: Phase;
}

/** A cell of a run, with what came of it. */
export interface RanCell {
  readonly run: Pick<Run, 'folder'>;
  readonly cell: Cell;
  readonly result: CellRecord;
}

/** The first difference between the files that two runs keep of a cell, or in words why it cannot be told. */
export async function partingOf(a: RanCell, b: RanCell): Promise<Parting | string> {
  const [mine, others] = [evidenceOf(a.run, a.result), evidenceOf(b.run, b.result)];
  if (mine === undefined || others === undefined) {
    const [first] = [...missingOf(mine, 'a'), ...missingOf(others, 'b')];
    return `${first ?? ''} has no consoles of this cell: its guests could not be started`;
  }
  const gone = [...missingFiles(mine), ...missingFiles(others)];
  if (gone.length > 0) return `not kept: ${gone.join(', ')}`;
  const together = captureBytes(a.cell) === captureBytes(b.cell) && mine.capture && others.capture;
  const parts = together ? [mine, others] : [mine, others].map(withoutCapture);
  const [left = mine, right = others] = parts;
  const found = await firstDifference(left, right);
  if (found === undefined)
    return 'consoles and transcript are the same; the captures keep other parts of frames';
  const during = phaseBefore(found.atNs, await phasesOf(mine.transcript, a.cell, a.result.flows));
  return { ...found, where: named(found.where, mine), during };
}

function missingOf(evidence: Evidence | undefined, run: string): readonly string[] {
  return evidence === undefined ? [run] : [];
}

/** Captures that keep different parts of each frame cannot be compared. */
function captureBytes({ shape }: Cell): number | undefined {
  return shape.virtualTime?.captureBytes;
}

function withoutCapture({ consoles, transcript }: Evidence): Evidence {
  return { consoles, transcript };
}

/** Replaces the numbers of guests by their names. Consoles are in the order of the guests' ports. */
function named(where: string, { consoles }: Evidence): string {
  return where.replace(/guest (\d+)/g, (all, port: string) => consoles[Number(port) - 1]?.name ?? all);
}
