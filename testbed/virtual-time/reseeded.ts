// SPDX-License-Identifier: MIT
import type { Cell } from '../experiment/scenario/plan.js';

/** The same cell with another seed of virtual time. A cell in wall time is returned as it is. */
export function withSeed(cell: Cell, seed: number): Cell {
  const { virtualTime } = cell.shape;
  if (virtualTime === undefined) return cell;
  return { ...cell, shape: { ...cell.shape, virtualTime: { ...virtualTime, seed } } };
}

/** Each cell with each seed from `first` to `last`, seed by seed. The seed becomes part of the cell's id. */
export function withSeeds(cells: readonly Cell[], first: number, last: number): readonly Cell[] {
  const seeds = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return seeds.flatMap((seed) =>
    cells.map((cell) => ({ ...withSeed(cell, seed), id: `${cell.id}/time${seed}` })),
  );
}
