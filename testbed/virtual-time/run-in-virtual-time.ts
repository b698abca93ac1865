// SPDX-License-Identifier: MIT
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Stage, stage } from '../base/event/stage.js';
import type { Context } from '../base/host/context.js';
import { DisposalStack } from '../base/lifecycle/disposal-stack.js';
import type { HostLoad, VirtualTimeRecord } from '../experiment/result/cell-record.js';
import { hostLoad, sampleHost } from '../experiment/run/host-load.js';
import type { Cell } from '../experiment/scenario/plan.js';
import type { Products } from '../machines/cluster/products.js';
import type { VirtualTime } from '../machines/cluster/virtual-time.js';
import type { QemuSpec } from '../machines/node/qemu-spec.js';
import { qemuVersion } from '../machines/node/qemu-version.js';
import type { LockstepPrograms } from '../products/image/lockstep-programs.js';
import { cutCapture } from './capture.js';
import { Coordinator } from './coordinator.js';
import { digestOf, type Evidence } from './digest.js';
import { FinishedCluster, type FinishedRun } from './finished-cluster.js';
import { GuestLog } from './guest-log.js';
import { OPERATOR, guestSpecs } from './guest-specs.js';
import { type LockstepQemu, startLockstepQemu } from './lockstep-qemu.js';
import { type CellPlan, longest, planCell, type PlannedStep, stepsOf } from './operator-plan.js';
import { readTranscript } from './transcript.js';
import { inputsOf } from './virtual-inputs.js';
import { VirtualRun, type VirtualRunOutcome } from './virtual-run.js';

/** Virtual seconds in which all nodes boot and answer over ssh. */
const BOOT_SECONDS = 300;

export interface CellRequest {
  readonly cell: Cell;
  readonly products: Products;
  /** An empty folder for the machines' files. */
  readonly folder: string;
  /** A short path, for sockets. */
  readonly sockets: string;
  /** What is run on the guests; the plan of the cell when absent. */
  readonly plan?: CellPlan;
  readonly pause?: Pause;
}

/** A node to stop for a debugger. */
export interface Pause {
  readonly port: number;
  readonly atNs: number;
  /** Called with the node's gdb socket when the node stands still. */
  readonly onPaused: (gdbSocket: string) => void;
}

/** What is kept of a run, in its folder; see result/run-folder.ts. */
const KEPT = 'virtual-time';
const TRANSCRIPT = 'transcript.log';
const CAPTURE = 'network.pcap';

/**
 * Runs a cell's plan on guests in virtual time, from their start to their end, and returns machines that answer from what
 * has happened. When a guest died, or the time was up, they throw that for every step that was not reached.
 * Stage: `boot/virtual-time`.
 * @throws QemuUnsuitableError, QemuTooOldError, CoordinatorLostError, TranscriptError
 */
export async function runInVirtualTime(context: Context, request: CellRequest): Promise<FinishedCluster> {
  const { cell, products, folder } = request;
  await qemuVersion(context, products.qemu?.program);
  const { virtualTime: time } = cell.shape;
  const { lockstep } = products;
  if (time === undefined || lockstep === undefined)
    throw new Error(`${cell.id} is not to be run in virtual time`);
  const plan = request.plan ?? (await planCell(context.paths, cell));
  const steps = stepsOf(plan);
  const specs = await guestSpecs(context, { ...request, shape: cell.shape, steps, seed: time.seed });
  await mkdir(join(folder, KEPT));
  return await stage(context, 'boot/virtual-time', 'Run in virtual time', async (current) => {
    const evidence = await openEvidence(folder, specs, time);
    const start = { ...request, specs, steps, time, lockstep };
    const ran = await runGuests(context, start, evidence, current);
    return new FinishedCluster({
      plan,
      transcript: readTranscript(ran.outcome.report),
      failure: ran.outcome.failure,
      nodes: nodesOf(cell, ran.guests, evidence),
      faults: time.faults,
      accelerator: `tcg (virtual time, ${2 ** time.shift} ns an instruction)`,
      host: ran.host,
      virtualTime: {
        ...(await recordOf(ran.outcome, evidence)),
        inputs: await inputsOf(context, { ...products, lockstep }, steps),
      },
    });
  });
}

interface Ran {
  readonly outcome: VirtualRunOutcome;
  /** Their processes have ended. */
  readonly guests: readonly LockstepQemu[];
  readonly host: HostLoad;
}

/** Starts the guests, waits until the plan is done, and ends them. */
async function runGuests(
  context: Context,
  start: Start,
  evidence: OpenEvidence,
  current: Stage,
): Promise<Ran> {
  await using owned = new DisposalStack();
  for (const log of evidence.consoles) {
    owned.defer(() => {
      log.close();
      return Promise.resolve();
    });
  }
  const pids = [process.pid];
  const before = await sampleHost(context.clock, pids);
  const { coordinator, guests } = await startGuests(context, owned, start);
  const { pause } = start;
  const parts = { coordinator, guests, evidence, stage: current };
  const run = new VirtualRun(context, pause === undefined ? parts : { ...parts, pause });
  const outcome = await run.toItsEnd();
  const after = await sampleHost(context.clock, [...pids, ...guests.map(({ pid }) => pid)]);
  if (evidence.capture !== undefined) await cutCapture(evidence.capture, outcome.endNs);
  return {
    outcome,
    guests,
    // What others do on the host changes none of the figures.
    host: { ...hostLoad(before, after), noisy: false },
  };
}

function nodesOf(
  { shape }: Cell,
  guests: readonly LockstepQemu[],
  { consoles }: OpenEvidence,
): FinishedRun['nodes'] {
  return guests
    .filter(({ spec }) => spec.name !== OPERATOR)
    .map(({ spec, pid, commandLine }, i) => ({
      name: spec.name,
      role: shape.nodes[i]?.role ?? 'compute',
      address: spec.attachment.address,
      memoryBytes: spec.memoryBytes,
      cpus: spec.cpus,
      pid,
      commandLine,
      oomKills: consoles[i]?.oomKills ?? [],
    }));
}

async function recordOf(
  { endNs, frames }: VirtualRunOutcome,
  evidence: Evidence,
): Promise<Omit<VirtualTimeRecord, 'inputs'>> {
  return {
    digest: await digestOf(evidence),
    virtualNanoseconds: endNs,
    frames,
    transcript: TRANSCRIPT,
    ...(evidence.capture === undefined ? {} : { capture: CAPTURE }),
  };
}

type OpenEvidence = Evidence & { readonly consoles: readonly GuestLog[] };

async function openEvidence(
  folder: string,
  specs: readonly QemuSpec[],
  time: VirtualTime,
): Promise<OpenEvidence> {
  const consoles = await Promise.all(
    specs.map(async ({ name, folder: own }) => GuestLog.open(name, join(own, 'console.log'))),
  );
  const transcript = join(folder, KEPT, TRANSCRIPT);
  return {
    consoles,
    transcript,
    ...(time.captureBytes === 0 ? {} : { capture: join(folder, KEPT, CAPTURE) }),
  };
}

interface Start extends CellRequest {
  readonly lockstep: LockstepPrograms;
  readonly specs: readonly QemuSpec[];
  readonly steps: readonly PlannedStep[];
  readonly time: VirtualTime;
}

/** Starts the coordinator, then the guests, which connect to it. Disposal ends the guests first. */
async function startGuests(
  context: Context,
  owned: DisposalStack,
  start: Start,
): Promise<{ coordinator: Coordinator; guests: readonly LockstepQemu[] }> {
  const { cell, lockstep, specs, steps, time, folder, sockets, pause } = start;
  // Cells in virtual time may run side by side, with one folder for sockets.
  const socket = join(sockets, `clock-${randomUUID().slice(0, 8)}`);
  const coordinator = owned.use(
    await Coordinator.start(context, {
      program: lockstep.coordinator,
      socket,
      nodes: cell.shape.nodes.length,
      time,
      link: cell.shape.link,
      capture: join(folder, KEPT, CAPTURE),
      deadlineNs: (BOOT_SECONDS + Math.ceil(longest(steps))) * 1e9,
      ...(pause === undefined ? {} : { pause }),
    }),
  );
  const guests: LockstepQemu[] = [];
  for (const spec of specs) {
    const clock = { plugin: lockstep.plugin, socket, port: spec.index, shift: time.shift, seed: time.seed };
    guests.push(owned.use(await startLockstepQemu(context, spec, clock)));
  }
  return { coordinator, guests };
}
