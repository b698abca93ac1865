// SPDX-License-Identifier: MIT
import type { Traffic } from '../../api/watch/snapshot.js';
import { ratioText, secondsText } from '../../experiment/result/figure-text.js';
import type { WorkloadReport } from '../../experiment/workload/report.js';
import { mebibytes } from '../live/mebibytes.js';

/** What a demonstration has shown. */
export interface Shown {
  readonly swapping: WorkloadReport;
  readonly stretched: WorkloadReport;
  /** Whether both answers are right. */
  readonly right: boolean;
  /** What the stretched one moved. */
  readonly moved: Traffic;
  readonly emulated: boolean;
  readonly home: string;
  /** What names the testbed on a command line: ` --name other`, or nothing. */
  readonly flag: string;
}

/** Five lines: what was seen, how many times faster, three commands to go on. */
export function closingLines(shown: Shown): readonly string[] {
  const { home, flag } = shown;
  return [
    seenLine(shown),
    fasterLine(shown),
    `npx testbed watch${flag}`,
    `npx testbed exec ${home}${flag} -- elastic run --budget 32M -- heap-sort --bytes 64M --seed 1`,
    `npx testbed down${flag}`,
  ];
}

/** The same as plain data. */
export function figures({ swapping, stretched, moved, right, emulated }: Shown): object {
  const [swappingSeconds, stretchedSeconds] = [secondsOf(swapping), secondsOf(stretched)];
  return {
    swappingSeconds,
    stretchedSeconds,
    factor: swappingSeconds / stretchedSeconds,
    right,
    emulated,
    moved,
  };
}

function seenLine({ moved, right }: Shown): string {
  const what = right
    ? 'the same search twice, right both times'
    : 'the same search twice, with a wrong answer';
  const { jumps, pulledPages, pushedPages } = moved;
  return `seen: ${what}; stretched with ${jumps} jumps, ${mebibytes(pushedPages)} pushed and ${mebibytes(pulledPages)} pulled`;
}

function fasterLine({ swapping, stretched, emulated }: Shown): string {
  const [slow, quick] = [secondsOf(swapping), secondsOf(stretched)];
  const guests = emulated ? ', by the wall clock, on emulated guests' : ', by the wall clock';
  return `${ratioText(slow / quick)} as fast stretched (${secondsText(quick)} s) as swapping with read-ahead (${secondsText(slow)} s)${guests}`;
}

function secondsOf({ elapsedNanoseconds }: WorkloadReport): number {
  return elapsedNanoseconds / 1e9;
}
