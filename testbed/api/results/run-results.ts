// SPDX-License-Identifier: MIT
import type { CellRecord, CellStatus } from '../../experiment/result/cell-record.js';
import { type Comparison, comparisonOf, compareRuns } from '../../experiment/result/compare.js';
import { csvOf } from '../../experiment/result/csv.js';
import { RunNotFoundError } from '../../experiment/result/errors.js';
import { junitOf } from '../../experiment/result/junit.js';
import { restOf, type Run, type RunCell } from '../../experiment/result/load-run.js';
import { type RunTime, timeOf, timeOfBoth } from '../../experiment/result/run-time.js';
import type { RunRecord } from '../../experiment/result/run-record.js';
import type { Plan } from '../../experiment/scenario/plan.js';
import { countsOf, type Group, summarise } from '../../experiment/result/summary.js';
import { tableOf } from '../../experiment/result/table.js';
import { tapOf } from '../../experiment/result/tap.js';
import { compareExactly, type ExactComparison } from '../../virtual-time/comparison/exact-comparison.js';

/** The records of a run, finished or not, as they were when they were read. */
export class RunResults implements Run {
  readonly folder: string;
  /** What was measured and with what: the plan, kernel, image, QEMU, host. */
  readonly record: RunRecord;
  /** Every cell of the plan, in its order; `result` is undefined for one that was not run. */
  readonly cells: readonly RunCell[];

  /** @internal */
  constructor({ folder, record, cells }: Run) {
    this.folder = folder;
    this.record = record;
    this.cells = cells;
  }

  get id(): string {
    return this.record.id;
  }

  /** Whether its guests had the host's time, or virtual time. */
  get time(): RunTime {
    return timeOf(this);
  }

  /** How many cells there are of each status. */
  get counts(): Readonly<Record<CellStatus | 'missing', number>> {
    return countsOf(this.cells.map(({ result }) => result));
  }

  /** Whether every cell of the plan was run and is ok. */
  get ok(): boolean {
    return this.counts.ok === this.cells.length;
  }

  /** What `resume` would run: the plan with the cells that have no record, and those in error. */
  get rest(): Plan {
    return restOf(this);
  }

  /**
   * The record of one cell, by its id, such as `nbd-swap/heap-sort/64M/r1`.
   * @throws RunNotFoundError when the run has no record of it
   */
  cell(id: string): CellRecord {
    const result = this.cells.find(({ cell }) => cell.id === id)?.result;
    if (result === undefined) throw new RunNotFoundError(`${this.id} with a record of ${id}`, []);
    return result;
  }

  /** Figures by workload, footprint and system: median, least and most of the repeats that are ok. */
  groups(): readonly Group[] {
    return summarise(this);
  }

  /**
   * This run against another, by elapsed time; `slower` and `faster` speak of the other.
   * @throws RunTimesDifferError when one is in wall time and the other in virtual time
   */
  compareWith(other: RunResults): readonly Comparison[] {
    timeOfBoth(this, other);
    return compareRuns(this, other);
  }

  /** {@link compareWith} as a person reads it. Lines, without a last newline. @throws RunTimesDifferError */
  comparisonTable(other: RunResults): string {
    timeOfBoth(this, other);
    return comparisonOf(this, other);
  }

  /**
   * This run against another, both in virtual time: what differs of inputs and figures, and where the two part.
   * @throws RunTimesDifferError when one of them is in wall time, NothingToVerifyError when both are
   */
  async compareExactlyWith(other: RunResults): Promise<ExactComparison> {
    return await compareExactly(this, other);
  }

  /** {@link groups} as a person reads them. Lines, without a last newline. */
  table(): string {
    return tableOf(this);
  }

  /** A line for each cell. */
  csv(): string {
    return csvOf(this);
  }

  /** Test Anything Protocol: a test for each cell. */
  tap(): string {
    return tapOf(this);
  }

  /** JUnit XML: a test case for each cell. */
  junit(): string {
    return junitOf(this);
  }
}
