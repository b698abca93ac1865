// SPDX-License-Identifier: MIT
import { rm } from 'node:fs/promises';
import { relative } from 'node:path';
import { ExitCode } from '../../base/error/exit-code.js';
import type { CellRecord } from '../../experiment/result/cell-record.js';
import type { Run } from '../../experiment/result/load-run.js';
import { withCells } from '../../experiment/scenario/plan.js';
import { type Difference, differenceText, firstDifference } from '../../virtual-time/difference.js';
import { evidenceOf } from '../../virtual-time/kept-evidence.js';
import { NothingToVerifyError } from '../../virtual-time/errors.js';
import { refuseDifferentInputs } from '../../virtual-time/virtual-inputs.js';
import { resultDifference } from '../../virtual-time/repeatable.js';
import { withSeed } from '../../virtual-time/reseeded.js';
import { buildAgain } from '../command/build-flags.js';
import type { CommandBody, Invocation } from '../command/command.js';
import { namedTestbed } from '../command/named-testbed.js';
import { BUILD_BRANCHES } from '../view/build-branches.js';
import type { Branch } from '../view/tree.js';
import { withView } from '../view/with-view.js';
import { wholeNumber } from '../command/whole-number.js';

const BRANCHES: readonly Branch[] = [...BUILD_BRANCHES, { id: 'cells', title: 'Cells' }];

/** The result of running a cell again. */
interface Comparison {
  readonly cell: string;
  readonly digest: string;
  /** Absent when both runs are the same to the bit. */
  readonly difference?: Difference;
}

/** `testbed verify RUN` */
export const verify: CommandBody = async (invocation, session) => {
  const { context, output } = session;
  const testbed = namedTestbed(invocation, context);
  const run = await testbed.results.open(invocation.positionals[0]);
  const cells = cellsOf(run, invocation);
  const seed = wholeNumber(invocation, 'seed', Number.MAX_SAFE_INTEGER);
  const plan = withCells(
    run.record.plan,
    seed === undefined ? cells : cells.map((cell) => withSeed(cell, seed)),
  );
  const again = await withView(session, BRANCHES, async () => {
    const built = await testbed.build(buildAgain(run, invocation));
    await refuseDifferentInputs(context, run, built.products, cells);
    return await testbed.run(plan, { built });
  });
  const comparisons = await Promise.all(cells.map(async ({ id }) => compared(id, run, again)));
  const different = comparisons.filter(({ difference }) => difference !== undefined);
  if (output.json) output.object({ run: run.record.id, comparisons });
  else for (const comparison of comparisons) output.line(sentence(comparison));
  if (different.length === 0) await rm(again.folder, { recursive: true });
  else output.remark(`the second run is kept: ${relative(process.cwd(), again.folder)}`);
  return different.length === 0 ? ExitCode.Ok : ExitCode.CellFailed;
};

/** The cells that were run in virtual time. @throws NothingToVerifyError */
function cellsOf(run: Run, invocation: Invocation): Run['cells'][number]['cell'][] {
  const only = invocation.text('only') ?? '';
  const cells = run.cells
    .filter(({ cell, result }) => result?.virtualTime !== undefined && cell.id.includes(only))
    .map(({ cell }) => cell);
  if (cells.length === 0) throw new NothingToVerifyError(run.record.id);
  return cells;
}

async function compared(id: string, a: Run, b: Run): Promise<Comparison> {
  const [first, second] = [resultOf(a, id), resultOf(b, id)];
  const digest = second?.virtualTime?.digest ?? '';
  if (first === undefined || second === undefined) throw new Error(`${id} has no result`);
  // When the guests could not be started, there is nothing to compare.
  const [before, now] = [evidenceOf(a, first), evidenceOf(b, second)];
  const parting = before && now && (await firstDifference(before, now));
  const difference = parting ?? resultDifference(first, second);
  return difference === undefined ? { cell: id, digest } : { cell: id, digest, difference };
}

function resultOf({ cells }: Run, id: string): CellRecord | undefined {
  return cells.find(({ cell }) => cell.id === id)?.result;
}

function sentence({ cell, digest, difference }: Comparison): string {
  return `${cell}: ${difference === undefined ? `identical (${digest.slice(0, 16)})` : differenceText(difference)}`;
}
