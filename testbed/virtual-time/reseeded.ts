// SPDX-License-Identifier: MIT
import type { Cell } from '../scenario/plan.js';

/** A cell with another seed of virtual time; one in wall time is left as it is. */
export function withSeed(cell: Cell, seed: number): Cell {
  const { virtualTime } = cell.shape;
  if (virtualTime === undefined) return cell;
  return { ...cell, shape: { ...cell.shape, virtualTime: { ...virtualTime, seed } } };
}
