// SPDX-License-Identifier: MIT
import type { CellRecord } from '../../experiment/result/cell-record.js';

/** An amount in two runs. */
export interface Amounts {
  /** Undefined where a run does not have it. */
  readonly a: number | undefined;
  readonly b: number | undefined;
  /** b less a. */
  readonly difference: number | undefined;
  /** Of a. Undefined also when a is 0. */
  readonly percent: number | undefined;
}

/** A figure of a cell in two runs. */
export interface FigureDifference extends Amounts {
  readonly figure: keyof typeof FIGURES;
}

/** `elapsed` is the measured phase by the guest's clock, `whole` from the guests' start to the end of what counts. */
const FIGURES = {
  elapsedNanoseconds: ({ measurement }: CellRecord) => measurement?.report?.elapsedNanoseconds,
  jumps: ({ measurement }: CellRecord) => measurement?.elastic?.counters.jumps,
  pulls: ({ measurement }: CellRecord) => measurement?.elastic?.counters.pulls,
  wireBytes: ({ measurement }: CellRecord) => measurement?.network.wireBytes,
  wholeNanoseconds: ({ virtualTime }: CellRecord) => virtualTime?.virtualNanoseconds,
};

/** All figures that at least one of the two has. */
export function figureDifferences(a: CellRecord, b: CellRecord): readonly FigureDifference[] {
  const names = Object.keys(FIGURES) as (keyof typeof FIGURES)[];
  return names
    .map((figure) => ({ figure, ...amountsOf(FIGURES[figure](a), FIGURES[figure](b)) }))
    .filter((each) => each.a !== undefined || each.b !== undefined);
}

/** Two amounts, and how far the second is from the first. */
export function amountsOf(a: number | undefined, b: number | undefined): Amounts {
  const difference = a === undefined || b === undefined ? undefined : b - a;
  const percent = a === undefined || a === 0 || difference === undefined ? undefined : (difference * 100) / a;
  return { a, b, difference, percent };
}
