// SPDX-License-Identifier: MIT
import type { SystemId } from '../scenario/scenario.js';
import type { WorkloadName } from '../workload/workload.js';
import type { CellRecord, CellStatus, ElasticCounters, Measurement } from './cell-record.js';
import type { Run, RunCell } from './load-run.js';
import { type Spread, spreadOf } from './statistics.js';
import { timeShares } from './time-shares.js';

/** What tells one row of a table from another. Seeds and repeats do not. */
export interface GroupKey {
  readonly workload: WorkloadName;
  readonly footprintBytes: number;
  readonly system: SystemId;
}

/** All repeats of one combination. Figures are only of cells that are ok. */
export interface Group extends GroupKey {
  /** Cells of the plan. */
  readonly planned: number;
  readonly counts: Readonly<Record<CellStatus | 'missing', number>>;
  /** Cells that are ok but were measured on a busy host. */
  readonly noisy: number;
  /** Seconds of the measured phase. */
  readonly elapsed: Spread | undefined;
  readonly majorFaults: Spread | undefined;
  readonly peakResidentBytes: Spread | undefined;
  /** Sent and received. */
  readonly networkBytes: Spread | undefined;
  /** Of a system that stretches; undefined for the others. */
  readonly elastic: ElasticGroup | undefined;
  /** Median elapsed time against that of `local` with the same workload and footprint. */
  readonly slowDown: number | undefined;
}

export interface ElasticGroup {
  readonly jumps: Spread;
  /** Over the whole life of the process. */
  readonly jumpsPerSecond: Spread;
  readonly pulls: Spread;
  readonly pushedPages: Spread;
  /** Of its processor time on each node, home first: medians. */
  readonly timeShares: readonly number[];
}

/** The groups of a run, workload by workload and footprint by footprint, in the order of the plan. */
export function summarise(run: Pick<Run, 'cells'>): readonly Group[] {
  const groups = groupsOf(run.cells).map(toGroup);
  return groups.map((group) => {
    const local = groups.find((other) => other.system === 'local' && sameWork(group, other));
    return { ...group, slowDown: ratio(group.elapsed, local?.elapsed) };
  });
}

export function sameWork(a: GroupKey, b: GroupKey): boolean {
  return a.workload === b.workload && a.footprintBytes === b.footprintBytes;
}

/** A median divided by the median of `other`. */
export function ratio(spread: Spread | undefined, other: Spread | undefined): number | undefined {
  if (spread === undefined || other === undefined || other.median === 0) return undefined;
  return spread.median / other.median;
}

function groupsOf(cells: readonly RunCell[]): readonly (readonly RunCell[])[] {
  const groups = new Map<string, RunCell[]>();
  for (const each of cells) {
    const { workload, footprintBytes, system } = each.cell;
    const key = `${workload} ${footprintBytes} ${system}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()];
}

function toGroup(cells: readonly RunCell[]): Group {
  const [first] = cells;
  if (first === undefined) throw new RangeError('a group has at least one cell');
  const { workload, footprintBytes, system } = first.cell;
  const measured = cells.flatMap(({ result }) =>
    result?.status === 'ok' && result.measurement !== undefined ? [result.measurement] : [],
  );
  const spread = (figure: (measurement: Measurement) => number | undefined): Spread | undefined =>
    spreadOf(measured.map(figure).filter((value) => value !== undefined));
  return {
    workload,
    footprintBytes,
    system,
    planned: cells.length,
    counts: countsOf(cells.map(({ result }) => result)),
    noisy: measured.filter(({ host }) => host.noisy).length,
    elapsed: spread(({ report }) => report && report.elapsedNanoseconds / 1e9),
    majorFaults: spread(({ process }) => process?.majorFaults),
    peakResidentBytes: spread(({ process }) => process?.peakResidentBytes),
    networkBytes: spread(({ network }) => network.wireBytes),
    elastic: elasticGroup(measured),
    slowDown: undefined,
  };
}

function elasticGroup(measured: readonly Measurement[]): ElasticGroup | undefined {
  const spread = (figure: (counters: ElasticCounters, seconds: number) => number): Spread | undefined =>
    spreadOf(
      measured.flatMap(({ elastic, process }) =>
        elastic === undefined || process === undefined
          ? []
          : [figure(elastic.counters, process.elapsedSeconds)],
      ),
    );
  const jumps = spread((counters) => counters.jumps);
  const jumpsPerSecond = spread((counters, seconds) => (seconds > 0 ? counters.jumps / seconds : 0));
  const pulls = spread(({ pulls: count }) => count);
  const pushedPages = spread(({ pushedPages: count }) => count);
  if (jumps === undefined || jumpsPerSecond === undefined || pulls === undefined || pushedPages === undefined)
    return undefined;
  return { jumps, jumpsPerSecond, pulls, pushedPages, timeShares: medianShares(measured) };
}

function medianShares(measured: readonly Measurement[]): readonly number[] {
  const shares = measured.flatMap((measurement) => {
    const each = timeShares(measurement);
    return each === undefined ? [] : [each];
  });
  const nodes = Math.max(0, ...shares.map(({ length }) => length));
  return Array.from(
    { length: nodes },
    (_, node) => spreadOf(shares.map((each) => each[node] ?? 0))?.median ?? 0,
  );
}

/** How many cells there are of each status. */
export function countsOf(results: readonly (Pick<CellRecord, 'status'> | undefined)[]): Group['counts'] {
  const counts = { ok: 0, failed: 0, invalid: 0, error: 0, missing: 0 };
  for (const result of results) counts[result?.status ?? 'missing'] += 1;
  return counts;
}
