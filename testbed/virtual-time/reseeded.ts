// SPDX-License-Identifier: MIT
import type { Cell } from '../experiment/scenario/plan.js';

/** A cell with another seed of virtual time; one in wall time is left as it is. */
export function withSeed(cell: Cell, seed: number): Cell {
  const { virtualTime } = cell.shape;
  if (virtualTime === undefined) return cell;
  return { ...cell, shape: { ...cell.shape, virtualTime: { ...virtualTime, seed } } };
}

/** Each cell once with each seed from `first` to `last`, seed by seed; its id says with which. */
export function withSeeds(cells: readonly Cell[], first: number, last: number): readonly Cell[] {
  const seeds = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return seeds.flatMap((seed) =>
    cells.map((cell) => ({ ...withSeed(cell, seed), id: `${cell.id}/time${seed}` })),
  );
}
