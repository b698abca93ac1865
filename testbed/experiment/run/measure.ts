// SPDX-License-Identifier: MIT
import { nodeName } from '../../machines/cluster/guest-identity.js';
import { DeadlineError, patience, withDeadline } from '../../base/clock/deadline.js';
import type { Context } from '../../base/host/context.js';
import type { TrafficCounters } from '../../machines/network/network.js';
import { awaitOomReport } from '../../machines/node/oom-report.js';
import type { Measurement, ProcessRecord, WorkloadEnd } from '../result/cell-record.js';
import type { Cell } from '../scenario/plan.js';
import type { ArgumentVector } from '../../base/process/process-runner.js';
import type { RemoteFinished } from '../../machines/ssh/session.js';
import { WorkloadOutputError } from '../workload/errors.js';
import type { ExpectedAnswer } from '../workload/oracle/expected.js';
import { programCommand } from '../workload/program.js';
import { parseReport, type WorkloadReport } from '../workload/report.js';
import type { WorkloadRun } from '../workload/workload.js';
import { elasticCommand, elasticQuestions, readElastic } from './elastic.js';
import { guestClockBetween, pagingBetween, SAMPLE, sampleGuest } from './guest-sample.js';
import { hostLoad, type HostSample, sampleHost } from './host-load.js';
import type { BootedCluster, CellNode } from './machines.js';
import { calibrateResidentUnit, CALIBRATION, readUsage, timed, USAGE } from './resource-usage.js';
import { judge, type Verdict } from './verdict.js';

const SIGKILL = 9;

export interface Measured {
  readonly measurement: Measurement;
  readonly verdict: Verdict;
}

/** What a cell's workload computes. */
export function runOf({ workload, footprintBytes, seed }: Cell): WorkloadRun {
  return { workload, bytes: footprintBytes, seed: BigInt(seed) };
}

/** A command that {@link measure} runs. */
export interface MeasuringCommand {
  /** Index of its node. */
  readonly node: number;
  readonly argv: readonly [string, ...string[]];
  /** Most milliseconds for it; absent for what answers at once. */
  readonly deadlineMs?: number;
  /** Milliseconds to let pass before it, where its answer is waited for. */
  readonly delayMs?: number;
}

/** What {@link measure} runs, in this order: for machines that have to know it beforehand. */
export function measuringCommands(cell: Cell): readonly MeasuringCommand[] {
  return [
    { node: 1, argv: CALIBRATION },
    { node: 1, argv: SAMPLE },
    { node: 1, argv: timed(commandOf(cell)), deadlineMs: cell.deadlineMs },
    { node: 1, argv: USAGE },
    { node: 1, argv: SAMPLE },
    ...(cell.elastic === undefined ? [] : elasticQuestions(survivors(cell), isDisturbed(cell))),
  ];
}

/** Indices of the nodes that are not to crash. Home is always asked: that it has gone says everything. */
function survivors({ shape }: Cell): readonly number[] {
  const crashes = shape.virtualTime?.faults.crashes ?? [];
  const lost = new Set(crashes.map(({ node }) => node));
  return shape.nodes.map((_, i) => i + 1).filter((index) => index === 1 || !lost.has(nodeName(index)));
}

function isDisturbed({ shape }: Cell): boolean {
  const faults = shape.virtualTime?.faults;
  return faults !== undefined && (faults.crashes.length > 0 || faults.cuts.length > 0 || faults.loss > 0);
}

/**
 * Runs a cell's workload on node1 of machines that are set up for it, and watches it from outside.
 * @throws RemoteError when node1 can no longer be asked; a workload that fails is no error but a verdict
 */
export async function measure(
  context: Context,
  cell: Cell,
  cluster: BootedCluster,
  expected: ExpectedAnswer,
): Promise<Measured> {
  const [node] = cluster.nodes;
  if (node === undefined) throw new RangeError(`${cell.id} has no node`);
  const residentUnit = await calibrateResidentUnit(node.session);
  const clock = cluster.clock ?? context.clock;
  const guestBefore = await sampleGuest(clock, node.session);
  const before = await look(context, cluster);
  const finished = await runWorkload(context, cell, node);
  const after = await look(context, cluster);
  const process = finished === undefined ? undefined : await readUsage(node.session, residentUnit);
  const guestAfter = await sampleGuest(clock, node.session);
  const end = endOf(cell, finished, process, cluster.clock === undefined ? patience() : 1);
  if (end.how === 'signal' && end.signal === SIGKILL)
    await awaitOomReport(context, () => oomKillsOf(cluster).length > 0);
  // Of a process that hangs nothing more can be known; one that was killed still had shells.
  const elastic =
    cell.elastic === undefined || end.how === 'deadline'
      ? undefined
      : await readElastic(
          context,
          survivors(cell).flatMap((index) => cluster.nodes[index - 1] ?? []),
        );
  const { report, complaint } = readReport(cell, end, finished);
  const measurement: Measurement = {
    end,
    ...(report === undefined ? {} : { report: figuresOf(report) }),
    expected,
    ...(process === undefined ? {} : { process }),
    ...(elastic === undefined ? {} : { elastic }),
    paging: pagingBetween(guestBefore, guestAfter),
    clock: guestClockBetween(guestBefore, guestAfter),
    network: trafficBetween(before.traffic, after.traffic),
    host: cluster.host ?? hostLoad(before.host, after.host),
    oomKills: oomKillsOf(cluster),
  };
  return { measurement, verdict: judge(cell, measurement, complaint) };
}

/** Everything that guests' OOM killers have ended so far. */
export function oomKillsOf({ nodes }: BootedCluster): Measurement['oomKills'] {
  return nodes.flatMap(({ machine }) =>
    machine.oomKills.map(({ process, pid }) => ({ node: machine.spec.name, process, pid })),
  );
}

/** What can be seen without asking the guest. */
interface Look {
  /** By node, node1 first. */
  readonly traffic: readonly TrafficCounters[];
  readonly host: HostSample;
}

async function look({ clock }: Context, { network, nodes }: BootedCluster): Promise<Look> {
  const pids = nodes.map(({ machine }) => machine.pid);
  const [traffic, host] = await Promise.all([
    Promise.all(nodes.map(async (_, i) => network.counters(i + 1))),
    sampleHost(clock, pids),
  ]);
  return { traffic, host };
}

/** Of node1, and what all nodes have sent. */
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

function commandOf(cell: Cell): ArgumentVector {
  const program = programCommand(runOf(cell));
  return cell.elastic === undefined ? program : elasticCommand(cell.elastic, program);
}

/** Undefined when the deadline came first. */
async function runWorkload(
  { clock, signal }: Context,
  cell: Cell,
  { session }: CellNode,
): Promise<RemoteFinished | undefined> {
  const wait = { what: `the end of ${cell.workload}`, deadlineMs: cell.deadlineMs, clock, signal };
  try {
    return await withDeadline(wait, async (inner) => session.exec(timed(commandOf(cell)), { signal: inner }));
  } catch (thrown) {
    if (!(thrown instanceof DeadlineError)) throw thrown;
    return undefined;
  }
}

/** @param stretched factor on the deadline; time that guests make themselves needs no patience */
function endOf(
  cell: Cell,
  finished: RemoteFinished | undefined,
  process: ProcessRecord | undefined,
  stretched: number,
): WorkloadEnd {
  if (finished === undefined) return { how: 'deadline', seconds: (cell.deadlineMs * stretched) / 1000 };
  if (process?.signal !== undefined) return { how: 'signal', signal: process.signal };
  // Whoever has killed time(1), which leaves no account then, has not done it by half.
  if (finished.code === undefined || process === undefined) return { how: 'signal', signal: SIGKILL };
  return { how: 'exit', code: finished.code };
}

/** The report, or why there is none: what the program, or the reader of its output, said. */
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
