// SPDX-License-Identifier: MIT
import { patience } from '../../base/clock/deadline.js';
import type { Context } from '../../base/host/context.js';
import type { TrafficCounters } from '../../machines/network/network.js';
import { awaitOomReport } from '../../machines/node/oom-report.js';
import type { RemoteFinished } from '../../machines/ssh/session.js';
import type { Measurement, ProcessRecord, WorkloadEnd } from '../result/cell-record.js';
import type { Cell } from '../scenario/plan.js';
import { WorkloadOutputError } from '../workload/errors.js';
import type { ExpectedAnswer } from '../workload/oracle/expected.js';
import { parseReport, type WorkloadReport } from '../workload/report.js';
import { readElastic } from './elastic.js';
import { guestClockBetween, pagingBetween, sampleOf } from './guest-sample.js';
import { hostLoad, type HostSample, sampleHost } from './host-load.js';
import type { BootedCluster } from './machines.js';
import { outputOf, Readings } from './readings.js';
import { residentUnitOf, usageOf } from './resource-usage.js';
import { runOf } from './script.js';
import { watchStandstill } from './standstill.js';
import { readTrials, TRIAL_PURPOSES, trialRecord } from './trials.js';
import { judge, judgeTrials, type Verdict } from './verdict.js';

const SIGKILL = 9;

export interface Measured {
  readonly measurement: Measurement;
  readonly verdict: Verdict;
}

/**
 * Runs a cell's script on machines that are set up for it, and observes them from the host meanwhile. A workload that
 * fails is no error but a verdict.
 * @throws RemoteError when a node no longer answers
 */
export async function measure(
  context: Context,
  cell: Cell,
  cluster: BootedCluster,
  expected: ExpectedAnswer,
): Promise<Measured> {
  const { signal } = context;
  const readings = new Readings(cluster.script, cluster.clock ?? context.clock);
  await readings.take(['resident-unit', 'guest-before'], signal);
  const residentUnit = residentUnitOf(outputOf(readings.one('resident-unit')));
  const guestBefore = sampleOf(readings.one('guest-before'));
  const before = await look(context, cluster);
  const standstill = await duringStandstillWatch(context, cluster, async () => {
    await readings.take(['workload'], signal);
  });
  const after = await look(context, cluster);
  const finished = readings.one('workload').answer;
  if (finished !== undefined) await readings.take(['usage'], signal);
  const process = finished && usageOf(readings.one('usage'), residentUnit);
  await readings.take(['guest-after'], signal);
  const guestAfter = sampleOf(readings.one('guest-after'));
  const end = endOf(cell, finished, process, cluster.clock === undefined ? patience() : 1);
  if (end.how === 'signal' && end.signal === SIGKILL)
    await awaitOomReport(context, () => oomKillsOf(cluster).length > 0);
  // A process that hangs still runs, so its shells have not ended. One that was killed can be read.
  const isReadable = cell.elastic !== undefined && end.how !== 'deadline';
  if (isReadable) await readings.take(['shells-left', 'shells', 'counters'], signal);
  const { report, complaint } = readReport(cell, end, finished);
  const measurement: Measurement = {
    end,
    ...(report === undefined ? {} : { report: figuresOf(report) }),
    expected,
    ...(process === undefined ? {} : { process }),
    ...(isReadable ? { elastic: readElastic(readings) } : {}),
    paging: pagingBetween(guestBefore, guestAfter),
    clock: guestClockBetween(guestBefore, guestAfter),
    network: trafficBetween(before.traffic, after.traffic),
    host: cluster.host ?? {
      ...hostLoad(before.host, after.host),
      ...(standstill === undefined ? {} : { standstill }),
    },
    oomKills: oomKillsOf(cluster),
  };
  const verdict = judge(cell, measurement, complaint);
  if (cell.trials === undefined) return { measurement, verdict };
  await readings.take(TRIAL_PURPOSES, signal);
  const workload = trialRecord(cell.workload, readings.one('workload'), verdict.reason);
  const trials = [workload, ...readTrials(readings)];
  return { measurement: { ...measurement, trials }, verdict: judgeTrials(verdict, trials) };
}

/** The processes that guests' OOM killers have ended so far. */
export function oomKillsOf({ nodes }: BootedCluster): Measurement['oomKills'] {
  return nodes.flatMap(({ name, oomKills }) =>
    oomKills.map(({ process, pid }) => ({ node: name, process, pid })),
  );
}

/** Does `work` while the machines are watched. @returns what stood still; in virtual time that changes nothing */
async function duringStandstillWatch(
  { clock }: Context,
  cluster: BootedCluster,
  work: () => Promise<void>,
): Promise<string | undefined> {
  if (cluster.clock !== undefined) {
    await work();
    return undefined;
  }
  const over = new AbortController();
  const watch = watchStandstill(clock, cluster.nodes, over.signal);
  try {
    await work();
  } finally {
    over.abort();
  }
  return await watch;
}

/** What the host sees without asking a guest. */
interface Look {
  /** By node, node1 first. */
  readonly traffic: readonly TrafficCounters[];
  readonly host: HostSample;
}

async function look({ clock }: Context, { network, nodes }: BootedCluster): Promise<Look> {
  const pids = nodes.map(({ pid }) => pid);
  const [traffic, host] = await Promise.all([
    Promise.all(nodes.map(async (_, i) => network.counters(i + 1))),
    sampleHost(clock, pids),
  ]);
  return { traffic, host };
}

/** Traffic of node1, and in `wireBytes` what all nodes have sent. */
function trafficBetween(
  before: readonly TrafficCounters[],
  after: readonly TrafficCounters[],
): Measurement['network'] {
  const grown = after.map(({ sentBytes, receivedBytes }, i) => ({
    sentBytes: sentBytes - (before[i]?.sentBytes ?? 0),
    receivedBytes: receivedBytes - (before[i]?.receivedBytes ?? 0),
  }));
  const [home = { sentBytes: 0, receivedBytes: 0 }] = grown;
  return { ...home, wireBytes: grown.reduce((sum, { sentBytes }) => sum + sentBytes, 0) };
}

/** @param stretched the factor on the deadline; 1 in virtual time */
function endOf(
  cell: Cell,
  finished: RemoteFinished | undefined,
  process: ProcessRecord | undefined,
  stretched: number,
): WorkloadEnd {
  if (finished === undefined) return { how: 'deadline', seconds: (cell.deadlineMs * stretched) / 1000 };
  if (process?.signal !== undefined) return { how: 'signal', signal: process.signal };
  // time(1) leaves no account only when it was killed itself, and then the workload was killed too.
  if (finished.code === undefined || process === undefined) return { how: 'signal', signal: SIGKILL };
  return { how: 'exit', code: finished.code };
}

/** The report; or why there is none, in the words of the program or of the parser. */
function readReport(
  cell: Cell,
  end: WorkloadEnd,
  finished: RemoteFinished | undefined,
): { readonly report?: WorkloadReport; readonly complaint?: string } {
  if (finished === undefined || end.how !== 'exit') return {};
  if (end.code !== 0) {
    const complaint = finished.stderr.trimEnd().split('\n').at(-1);
    return complaint === undefined || complaint === '' ? {} : { complaint };
  }
  try {
    return { report: parseReport(finished.stdout, runOf(cell)) };
  } catch (thrown) {
    if (!(thrown instanceof WorkloadOutputError)) throw thrown;
    return { complaint: thrown.message };
  }
}

function figuresOf(report: WorkloadReport): NonNullable<Measurement['report']> {
  const { bytesTouched, passes, checksum, fillNanoseconds, elapsedNanoseconds } = report;
  return { bytesTouched, passes, checksum, fillNanoseconds, elapsedNanoseconds };
}
