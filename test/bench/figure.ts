// SPDX-License-Identifier: MIT

/** One thing that is measured against another in the same run. */
export interface Figure {
  readonly name: string;
  /** What is measured, and what it is measured against, in `unit`. */
  readonly ours: number;
  readonly theirs: number;
  readonly unit: 's' | 'ms' | 'us' | 'MB' | 'bytes';
  /** `ratio`: ours / theirs is bounded; `excess`: ours - theirs is; `absolute`: ours is; `speed-up`: theirs / ours, from below. */
  readonly compare: 'ratio' | 'excess' | 'absolute' | 'speed-up';
  readonly bound: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? NaN) + high) / 2;
}

export function valueOf({ ours, theirs, compare }: Figure): number {
  if (compare === 'ratio') return ours / theirs;
  if (compare === 'speed-up') return theirs / ours;
  return compare === 'excess' ? ours - theirs : ours;
}

/** A line for people: the figure, what it is made of, its bound and whether it is kept. */
export function figureLine(figure: Figure): string {
  const value = valueOf(figure);
  const unit = figure.compare === 'excess' || figure.compare === 'absolute' ? ` ${figure.unit}` : ' x';
  const fromBelow = figure.compare === 'speed-up';
  const kept = fromBelow ? value >= figure.bound : value <= figure.bound;
  const parts = [
    figure.name.padEnd(56),
    `${value.toFixed(2)}${unit}`.padStart(10),
    `${fromBelow ? '>=' : '<='} ${figure.bound}${unit}`.padStart(12),
    kept ? 'kept  ' : 'MISSED',
    figure.compare === 'absolute'
      ? ''
      : `(${figure.ours.toFixed(3)} ${figure.unit} against ${figure.theirs.toFixed(3)})`,
  ];
  return parts.join('  ').trimEnd();
}
