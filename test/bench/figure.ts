// SPDX-License-Identifier: MIT

/** One thing that is measured against another in the same run. */
export interface Figure {
  readonly name: string;
  /** What is measured, and what it is measured against; seconds or bytes, as `unit` says. */
  readonly ours: number;
  readonly theirs: number;
  readonly unit: 's' | 'MB';
  /** `ratio`: ours / theirs is bounded; `excess`: ours - theirs is; `absolute`: ours is. */
  readonly compare: 'ratio' | 'excess' | 'absolute';
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
  return compare === 'excess' ? ours - theirs : ours;
}

/** A line for people: the figure, what it is made of, its bound and whether it is kept. */
export function figureLine(figure: Figure): string {
  const value = valueOf(figure);
  const unit = figure.compare === 'ratio' ? ' x' : ` ${figure.unit}`;
  const parts = [
    figure.name.padEnd(44),
    `${value.toFixed(2)}${unit}`.padStart(10),
    `<= ${figure.bound}${unit}`.padStart(12),
    value <= figure.bound ? 'kept  ' : 'MISSED',
    figure.compare === 'absolute'
      ? ''
      : `(${figure.ours.toFixed(3)} ${figure.unit} against ${figure.theirs.toFixed(3)})`,
  ];
  return parts.join('  ').trimEnd();
}
