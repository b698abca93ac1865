// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Paths } from '../../base/host/paths.js';
import { type Cell, type Plan, withCells } from '../scenario/plan.js';
import type { CellRecord } from './cell-record.js';
import { RunNotFoundError } from './errors.js';
import { RunFolder } from './run-folder.js';
import type { RunRecord } from './run-record.js';

/** A run as it is on the disk, finished or not. */
export interface Run {
  readonly folder: string;
  readonly record: RunRecord;
  /** Every cell of the plan, in its order; `result` is undefined for one that was not run. */
  readonly cells: readonly RunCell[];
}

export interface RunCell {
  readonly cell: Cell;
  readonly result: CellRecord | undefined;
}

/** What is left of a run: its plan with the cells that have no record, and those in error, on its own kernel line. */
export function restOf({ record, cells }: Run): Plan {
  const left = cells.filter(({ result }) => result === undefined || result.status === 'error');
  const { plan, kernel } = record;
  return {
    ...withCells(
      plan,
      left.map(({ cell }) => cell),
    ),
    kernels: [kernel.line],
  };
}

/** Ids of all runs, oldest first. */
export async function listRuns(paths: Pick<Paths, 'results'>): Promise<readonly string[]> {
  const root = paths.results;
  if (!existsSync(root)) return [];
  const folders = await readdir(root);
  return folders.filter((name) => existsSync(join(root, name, 'run.json'))).sort();
}

/**
 * Finds the folder of a run by its path, its id, a part of its id that no other run has, or `latest`.
 * @throws RunNotFoundError
 */
export async function findRun(paths: Pick<Paths, 'results'>, name: string): Promise<string> {
  if (existsSync(join(name, 'run.json'))) return resolve(name);
  const ids = await listRuns(paths);
  const latest = ids.at(-1);
  if (name === 'latest' && latest !== undefined) return join(paths.results, latest);
  const found = ids.includes(name) ? [name] : ids.filter((id) => id.includes(name));
  const [only] = found;
  if (only === undefined || found.length > 1 || name === '') throw new RunNotFoundError(name, found);
  return join(paths.results, only);
}

/** Reads a run by what {@link findRun} takes. @throws RunNotFoundError, ResultInvalidError */
export async function loadRun(paths: Pick<Paths, 'results'>, name: string): Promise<Run> {
  const run = await RunFolder.open(await findRun(paths, name));
  const results = new Map((await run.cells()).map((result) => [result.id, result]));
  const cells = run.record.plan.cells.map((cell) => ({ cell, result: results.get(cell.id) }));
  return { folder: run.folder, record: run.record, cells };
}
