// SPDX-License-Identifier: MIT

/** What several measurements of the same thing say. */
export interface Spread {
  readonly count: number;
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** Undefined for no values. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const [minimum] = sorted;
  const maximum = sorted.at(-1);
  if (minimum === undefined || maximum === undefined) return undefined;
  return { count: sorted.length, median: medianOfSorted(sorted), minimum, maximum };
}

/** The middle value; of an even number the mean of the middle two. */
function medianOfSorted(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? NaN) + upper) / 2 : upper;
}

/** Whether some value could belong to both. */
export function overlap(a: Spread, b: Spread): boolean {
  return a.minimum <= b.maximum && b.minimum <= a.maximum;
}
