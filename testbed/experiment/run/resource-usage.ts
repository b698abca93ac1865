// SPDX-License-Identifier: MIT
import type { RemoteFinished } from '../../machines/ssh/session.js';
import type { ProcessRecord } from '../result/cell-record.js';
import { UsageReportError } from './errors.js';
import type { Reading } from './readings.js';

/*
 * A workload is measured from outside, by busybox's time(1). It prints the kernel's own accounts, as wait4(2) gives them.
 */

const FORMAT = ['elapsed %e', 'user %U', 'system %S', 'major %F', 'minor %R', 'resident %M'].join('\n');

/** Where time(1) writes, in the guest. */
const REPORT = '/run/workload-usage';

/** The command line that runs `argv` under time(1). */
export function timed(argv: readonly string[]): readonly [string, ...string[]] {
  return ['time', '-o', REPORT, '-f', FORMAT, ...argv];
}

/** Size of the buffer with which time(1) is calibrated: more than a program's code and libraries, less than any budget. */
const KNOWN_KIB = 4096;

/** Runs a program of known size. {@link residentUnitOf} reads its answer. */
export const CALIBRATION: readonly [string, ...string[]] = [
  'time',
  ...['-f', 'resident %M'],
  ...['dd', 'if=/dev/zero', 'of=/dev/null', `bs=${KNOWN_KIB}k`, 'count=1'],
];

/** Prints what time(1) has written. {@link usageOf} reads its answer. */
export const USAGE = ['cat', REPORT] as const;

/**
 * Bytes of the unit in which this guest's time(1) gives the peak resident set. getrusage(2) gives KiB, but busybox 1.35
 * takes that for pages and multiplies by 4. So time(1) is asked about a program of known size: dd(1) with a large buffer.
 * @throws UsageReportError when it is neither
 */
export function residentUnitOf({ stderr }: Pick<RemoteFinished, 'stderr'>): number {
  const told = Number(/^resident (\d+)$/m.exec(stderr)?.[1]);
  const factor = [1, 4].find((factor) => told >= factor * KNOWN_KIB && told < 2 * factor * KNOWN_KIB);
  if (factor === undefined) throw new UsageReportError(stderr);
  return 1024 / factor;
}

/**
 * Reads what {@link timed} has written. Undefined when there is nothing, as when time(1) itself was killed.
 * @throws UsageReportError when it is something else
 */
export function usageOf(
  { answer }: Pick<Reading, 'answer'>,
  residentUnit: number,
): ProcessRecord | undefined {
  return answer?.code === 0 && answer.stdout !== '' ? parseUsage(answer.stdout, residentUnit) : undefined;
}

/** @throws UsageReportError when a figure is missing */
export function parseUsage(text: string, residentUnit: number): ProcessRecord {
  const figure = (name: string): number => {
    const found = new RegExp(`^${name} ([0-9.]+)$`, 'm').exec(text);
    if (found === null) throw new UsageReportError(text);
    return Number(found[1]);
  };
  const signal = /^Command terminated by signal (\d+)$/m.exec(text)?.[1];
  return {
    elapsedSeconds: figure('elapsed'),
    userSeconds: figure('user'),
    systemSeconds: figure('system'),
    majorFaults: figure('major'),
    minorFaults: figure('minor'),
    peakResidentBytes: figure('resident') * residentUnit,
    ...(signal === undefined ? {} : { signal: Number(signal) }),
  };
}
