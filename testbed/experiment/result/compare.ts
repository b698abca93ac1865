// SPDX-License-Identifier: MIT
import { sizeText } from '../scenario/quantity.js';
import { medianText, rangeText, ratioText, secondsText } from './figure-text.js';
import type { Run } from './load-run.js';
import { overlap, type Spread } from './statistics.js';
import { type Group, type GroupKey, ratio, sameWork, summarise } from './summary.js';
import { type Column, textTable } from './text-table.js';

/** With fewer repeats than this, a spread says nothing. */
const FEWEST = 3;

/** One group of cells in two runs. */
export interface Comparison extends GroupKey {
  readonly a: Spread | undefined;
  readonly b: Spread | undefined;
  /** Median of b against that of a. */
  readonly ratio: number | undefined;
  readonly verdict: ComparisonVerdict;
}

/** `slower` and `faster` speak of b. */
export type ComparisonVerdict = 'slower' | 'faster' | 'no difference shown' | 'too few' | 'not in both';

/** Compares the groups that two runs have in common, by elapsed time. */
export function compareRuns(a: Pick<Run, 'cells'>, b: Pick<Run, 'cells'>): readonly Comparison[] {
  const others = summarise(b);
  const groups = summarise(a);
  const find = (list: readonly Group[], wanted: GroupKey): Group | undefined =>
    list.find((group) => group.system === wanted.system && sameWork(group, wanted));
  const onlyInB = others.filter((group) => find(groups, group) === undefined);
  return [
    ...groups.map((group) => comparison(group, group.elapsed, find(others, group)?.elapsed)),
    ...onlyInB.map((group) => comparison(group, undefined, group.elapsed)),
  ];
}

function comparison(
  { workload, footprintBytes, system }: GroupKey,
  a: Spread | undefined,
  b: Spread | undefined,
): Comparison {
  return { workload, footprintBytes, system, a, b, ratio: ratio(b, a), verdict: verdictOn(a, b) };
}

/**
 * A difference is claimed only when the two ranges have no value in common. Between equals that happens by chance in one
 * of ten comparisons with three repeats each (2 of the C(6,3) orders), and in one of 126 with five. So the other verdict
 * does not say `equal`.
 */
function verdictOn(a: Spread | undefined, b: Spread | undefined): ComparisonVerdict {
  if (a === undefined || b === undefined) return 'not in both';
  if (a.count < FEWEST || b.count < FEWEST) return 'too few';
  if (overlap(a, b)) return 'no difference shown';
  return b.median > a.median ? 'slower' : 'faster';
}

/** Two runs side by side as a person reads them. Lines, without a last newline. */
export function comparisonOf(a: Run, b: Run): string {
  const differences = inputDifferences(a, b);
  return [
    `a  ${a.record.id}`,
    `b  ${b.record.id}`,
    ...differences.map((text) => `   ${text}`),
    '',
    ...textTable(COLUMNS, compareRuns(a, b)),
    '',
    `b is called slower or faster where the ranges of at least ${FEWEST} repeats each have no value in common.`,
  ].join('\n');
}

const COLUMNS: readonly Column<Comparison>[] = [
  { title: 'workload', align: 'left', text: ({ workload }) => workload },
  { title: 'size', align: 'right', text: ({ footprintBytes }) => sizeText(footprintBytes) },
  { title: 'system', align: 'left', text: ({ system }) => system },
  { title: 'a median s', align: 'right', text: ({ a }) => medianText(a, secondsText) },
  { title: 'min .. max', align: 'right', text: ({ a }) => rangeText(a, secondsText) },
  { title: 'b median s', align: 'right', text: ({ b }) => medianText(b, secondsText) },
  { title: 'min .. max', align: 'right', text: ({ b }) => rangeText(b, secondsText) },
  { title: 'b / a', align: 'right', text: (row) => ratioText(row.ratio) },
  { title: 'b is', align: 'left', text: ({ verdict, a, b }) => verdictText(verdict, a, b) },
];

function verdictText(verdict: ComparisonVerdict, a: Spread | undefined, b: Spread | undefined): string {
  if (verdict !== 'too few') return verdict;
  return `too few repeats to tell (${a?.count ?? 0} and ${b?.count ?? 0})`;
}

/** Inputs in which the two runs differ, apart from what is compared. */
export function inputDifferences(a: Run, b: Run): readonly string[] {
  const of = ({ record }: Run): Readonly<Record<string, string>> => ({
    cells: record.plan.key,
    kernel: record.kernel.key,
    image: record.image.key,
    QEMU: record.qemu,
    host: JSON.stringify(record.host),
  });
  const [left, right] = [of(a), of(b)];
  const differing = Object.keys(left).filter((what) => left[what] !== right[what]);
  if (differing.length === 0) return ['same cells, kernel, image, QEMU and host'];
  const kernels = `a ran ${a.record.kernel.release}, b ${b.record.kernel.release}`;
  return [
    `different: ${differing.join(', ')}`,
    ...(a.record.kernel.release === b.record.kernel.release ? [] : [kernels]),
  ];
}
