// SPDX-License-Identifier: MIT

/** Median and range of several measurements of the same thing. */
export interface Spread {
  readonly count: number;
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** Median and range of values. Undefined when there are none. */
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

/** Whether two ranges have a value in common. */
export function overlap(a: Spread, b: Spread): boolean {
  return a.minimum <= b.maximum && b.minimum <= a.maximum;
}
