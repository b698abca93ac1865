// SPDX-License-Identifier: MIT
import type { StageProgress } from '../../../base/event/event.js';

/** Objects of a kernel when its compilation begins. */
export interface ObjectsToMake {
  /** That were made before, by a build that did not come to its end. */
  readonly there: number;
  /** Of the whole kernel, about. */
  readonly whole: number;
}

/** Objects after which their speed says something about that of the others. */
const ENOUGH = 100;

/** How far a compilation is that has made so many objects in so many milliseconds. */
export function compileProgress(
  made: number,
  elapsedMs: number,
  expected: ObjectsToMake | undefined,
): Pick<StageProgress, 'done' | 'total' | 'approximate' | 'unit' | 'leftMs'> {
  const done = made + (expected?.there ?? 0);
  if (expected === undefined || done > expected.whole) return { done, unit: 'files' };
  const progress = { done, total: expected.whole, approximate: true, unit: 'files' };
  return made < ENOUGH ? progress : { ...progress, leftMs: (elapsedMs / made) * (expected.whole - done) };
}
