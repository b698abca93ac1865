// SPDX-License-Identifier: MIT
import type { CellRecord, Measurement, TrialRecord } from '../result/cell-record.js';
import type { Cell } from '../scenario/plan.js';
import { byteText } from '../../products/store/byte-text.js';

const PAGE_BYTES = 4096;

/** How much a guest's clock may differ from the host's. A good one differs by less than a thousandth. */
const CLOCK_TOLERANCE = 0.02;

/** /proc/uptime counts in hundredths of a second. */
const CLOCK_RESOLUTION = 0.01;

/** How far a process may exceed its budget at home: its code, its stack and a batch that is being pulled. */
const BUDGET_TOLERANCE = 0.05;

/** With this many jumps, shells must have been charged processor time. The clock for it ticks a hundred times a second. */
const JUMPS_TO_SHOW = 100;

/** User time that a shell may be charged although the execution never moved to it: a few clock ticks. */
const STILL_SECONDS = 0.1;

/** Number of letters that the kernel keeps of a program's name (TASK_COMM_LEN - 1). */
const COMM_LENGTH = 15;

export type Verdict = Pick<CellRecord, 'status' | 'reason'>;

/** Judges a measurement. `complaint` says why there is no report where there should be one. */
export function judge(cell: Cell, measurement: Measurement, complaint: string | undefined): Verdict {
  const failure =
    outOfMemory(cell, measurement) ?? badEnd(measurement, complaint) ?? wrongAnswer(measurement, complaint);
  if (failure !== undefined) return { status: 'failed', reason: failure };
  const doubt =
    measurement.host.standstill ??
    wrongClock(measurement) ??
    noPressure(cell, measurement) ??
    overBudget(cell, measurement) ??
    notElastic(cell, measurement);
  return doubt === undefined ? { status: 'ok' } : { status: 'invalid', reason: doubt };
}

/** A workload that is ok is not enough where trials followed it. */
export function judgeTrials(workload: Verdict, trials: readonly TrialRecord[]): Verdict {
  const failed = trials.find(({ reason }) => reason !== undefined);
  if (workload.status !== 'ok' || failed === undefined) return workload;
  return { status: 'failed', reason: `${failed.name}: ${failed.reason ?? ''}` };
}

function outOfMemory({ workload }: Cell, { oomKills }: Measurement): string | undefined {
  const [kill] = oomKills;
  if (kill === undefined) return undefined;
  const { process, pid, node } = kill;
  return process === workload.slice(0, COMM_LENGTH)
    ? `workload out of memory: the OOM killer ended it (pid ${pid} on ${node})`
    : `out of memory on ${node}: the OOM killer ended ${process} (pid ${pid})`;
}

function badEnd({ end, elastic }: Measurement, complaint: string | undefined): string | undefined {
  switch (end.how) {
    case 'exit':
      return end.code === 0
        ? undefined
        : `the workload ended with status ${end.code}${complaint === undefined ? '' : `: ${complaint}`}`;
    case 'signal':
      return `the workload was ended by signal ${end.signal}${elastic?.reason === undefined ? '' : `: ${elastic.reason}`}`;
    case 'deadline':
      return `the workload did not end within ${end.seconds} s`;
  }
}

function wrongAnswer({ report, expected }: Measurement, complaint: string | undefined): string | undefined {
  if (report === undefined) return complaint ?? 'the workload reported nothing';
  if (report.checksum !== expected.checksum)
    return `wrong checksum: ${report.checksum}, and ${expected.checksum} is right`;
  if (report.bytesTouched !== expected.bytesTouched)
    return `the workload touched ${report.bytesTouched} bytes, and ${expected.bytesTouched} is right`;
  return undefined;
}

/** The clock of a guest that booted on a busy host may be calibrated wrongly. Its seconds are then no seconds. */
function wrongClock({ clock }: Measurement): string | undefined {
  const { guestSeconds, hostSecondsAtLeast, hostSecondsAtMost } = clock;
  const slow = guestSeconds + CLOCK_RESOLUTION < hostSecondsAtLeast * (1 - CLOCK_TOLERANCE);
  const fast = guestSeconds - CLOCK_RESOLUTION > hostSecondsAtMost * (1 + CLOCK_TOLERANCE);
  if (!slow && !fast) return undefined;
  const bounds = `${hostSecondsAtLeast.toFixed(2)} to ${hostSecondsAtMost.toFixed(2)}`;
  return `the guest's clock is ${slow ? 'slow' : 'fast'}: it counted ${guestSeconds.toFixed(2)} s while ${bounds} s went by`;
}

/**
 * A cell that has to swap must have fetched back at least what did not fit. What was fetched is at most the major faults
 * times what one of them can bring: 2^page-cluster pages. What did not fit is the footprint less the peak resident set.
 */
function noPressure({ swap }: Cell, { report, process }: Measurement): string | undefined {
  if (swap === undefined || report === undefined) return undefined;
  if (process === undefined)
    return "no pressure can be shown: the kernel's accounts of the process are missing";
  const fetched = process.majorFaults * PAGE_BYTES * 2 ** swap.pageCluster;
  const swapped = report.bytesTouched - process.peakResidentBytes;
  if (swapped > 0 && fetched >= swapped) return undefined;
  return swapped > 0
    ? `no pressure: ${process.majorFaults} major faults can have fetched ${byteText(fetched)}, and ${byteText(swapped)} did not fit into memory`
    : `no pressure: all of ${byteText(report.bytesTouched)} was in memory at once`;
}

/** Judged by the kernel's own accounts, in which the module has no part. */
function overBudget({ elastic }: Cell, { process }: Measurement): string | undefined {
  if (elastic === undefined || elastic.policy === 'migrate' || process === undefined) return undefined;
  const most = elastic.budget * (1 + BUDGET_TOLERANCE);
  if (process.peakResidentBytes <= most) return undefined;
  return `over budget: ${byteText(process.peakResidentBytes)} were resident at home, and ${byteText(elastic.budget)} were allowed`;
}

/**
 * Checks an elastic cell by other means than the module's counters. What did not fit at home must have crossed the link at
 * least once, and the processor time of the shells shows whether the execution was elsewhere.
 */
function notElastic({ elastic }: Cell, measurement: Measurement): string | undefined {
  const { report, process, network, elastic: seen } = measurement;
  if (elastic === undefined || report === undefined || process === undefined) return undefined;
  if (seen === undefined || seen.shells.length === 0) return 'no pressure: the process was never stretched';
  const away = report.bytesTouched - process.peakResidentBytes;
  const crossed = network.sentBytes + network.receivedBytes;
  if (elastic.policy !== 'migrate' && (away <= 0 || crossed < away))
    return `no pressure: ${byteText(Math.max(0, away))} did not fit at home, and ${byteText(crossed)} crossed the link`;
  const elsewhere = seen.shells.reduce((total, { userSeconds }) => total + userSeconds, 0);
  const mayMove = elastic.policy !== 'sticky';
  const mustShow = elastic.policy === 'migrate' || seen.counters.jumps >= JUMPS_TO_SHOW;
  if (mayMove && mustShow && elsewhere === 0)
    return `the execution never moved: no shell used processor time, though ${seen.counters.jumps} jumps were counted`;
  if (!mayMove && elsewhere > STILL_SECONDS)
    return `the execution moved, which it was not to: the shells computed for ${elsewhere.toFixed(2)} s`;
  return undefined;
}
