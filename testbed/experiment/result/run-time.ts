// SPDX-License-Identifier: MIT
import { RunTimesDifferError } from './errors.js';
import type { Run } from './load-run.js';

/** Whose time the guests of a run had: the host's, or one that their instructions make. */
export type RunTime = 'wall' | 'virtual';

/** The time of a run, by its plan. All cells of a scenario have one. */
export function timeOf({ cells }: Pick<Run, 'cells'>): RunTime {
  return cells.some(({ cell }) => cell.shape.virtualTime !== undefined) ? 'virtual' : 'wall';
}

/** The time that two runs have in common. @throws RunTimesDifferError when they have none */
export function timeOfBoth(a: Pick<Run, 'record' | 'cells'>, b: Pick<Run, 'record' | 'cells'>): RunTime {
  const [time, other] = [timeOf(a), timeOf(b)];
  if (time === other) return time;
  const [wall, virtual] = time === 'wall' ? [a, b] : [b, a];
  throw new RunTimesDifferError(wall.record.id, virtual.record.id);
}
