// SPDX-License-Identifier: MIT
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Products } from '../machines/cluster/products.js';
import { stage } from '../base/event/stage.js';
import { hostLoad, sampleHost } from '../experiment/run/host-load.js';
import type { Context } from '../base/host/context.js';
import { DisposalStack } from '../base/lifecycle/disposal-stack.js';
import type { QemuSpec } from '../machines/node/qemu-spec.js';
import { qemuVersion } from '../machines/node/qemu-version.js';
import type { Cell } from '../experiment/scenario/plan.js';
import { cutCapture } from './capture.js';
import { Coordinator } from './coordinator.js';
import { digestOf, type Evidence } from './digest.js';
import { GuestLog } from './guest-log.js';
import { OPERATOR, guestSpecs } from './guest-specs.js';
import { type LockstepQemu, startLockstepQemu } from './lockstep-qemu.js';
import { inputsOf } from './virtual-inputs.js';
import { FinishedCluster } from './finished-cluster.js';
import { type CellPlan, longest, planCell, type PlannedStep, stepsOf } from './operator-plan.js';
import { readTranscript } from './transcript.js';
import { VirtualRun } from './virtual-run.js';
import type { VirtualTime } from '../machines/cluster/virtual-time.js';

/** Virtual seconds for booting, and for ssh to answer on every node. */
const BOOT_SECONDS = 300;

export interface CellRequest {
  readonly cell: Cell;
  readonly products: Products;
  /** Empty. */
  readonly folder: string;
  /** A short path, for sockets. */
  readonly sockets: string;
  /** What is done on the guests, where it is not what the cell means. */
  readonly plan?: CellPlan;
  /** A node to be stopped as by a debugger, and when; `onPaused` is called when it stands still, with its gdb socket. */
  readonly pause?: Pause;
}

export interface Pause {
  readonly port: number;
  readonly atNs: number;
  readonly onPaused: (gdbSocket: string) => void;
}

/** What is kept of a run, in its folder; see result/run-folder.ts. */
const KEPT = 'virtual-time';
const TRANSCRIPT = 'transcript.log';
const CAPTURE = 'network.pcap';

/**
 * Runs all that a cell does on guests in virtual time, from their start to their end, and gives back machines that answer
 * from what has happened. That a guest has died, or the run's time is up, is told by them when something is asked that
 * was not reached.
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
    await using owned = new DisposalStack();
    const evidence = await openEvidence(folder, specs, time);
    for (const log of evidence.consoles) {
      owned.defer(() => {
        log.close();
        return Promise.resolve();
      });
    }
    const pids = [process.pid];
    const before = await sampleHost(context.clock, pids);
    const { coordinator, guests } = await start(context, owned, { ...request, specs, steps, time });
    const { pause } = request;
    const parts = { coordinator, guests, evidence, stage: current };
    const run = new VirtualRun(context, pause === undefined ? parts : { ...parts, pause });
    const outcome = await run.toItsEnd();
    const after = await sampleHost(context.clock, [...pids, ...guests.map(({ pid }) => pid)]);
    if (evidence.capture !== undefined) await cutCapture(evidence.capture, outcome.endNs);
    return new FinishedCluster({
      plan,
      transcript: readTranscript(outcome.report),
      failure: outcome.failure,
      nodes: guests
        .filter(({ spec }) => spec.name !== OPERATOR)
        .map(({ spec, pid, commandLine }, i) => ({
          name: spec.name,
          address: spec.attachment.address,
          memoryBytes: spec.memoryBytes,
          cpus: spec.cpus,
          pid,
          commandLine,
          oomKills: evidence.consoles[i]?.oomKills ?? [],
          role: cell.shape.nodes[i]?.role ?? 'compute',
        })),
      crashes: time.faults.crashes,
      accelerator: `tcg (virtual time, ${2 ** time.shift} ns an instruction)`,
      host: hostLoad(before, after),
      virtualTime: {
        digest: await digestOf(evidence),
        virtualNanoseconds: outcome.endNs,
        frames: outcome.frames,
        inputs: await inputsOf(context, { ...products, lockstep }, steps),
        transcript: TRANSCRIPT,
        ...(evidence.capture === undefined ? {} : { capture: CAPTURE }),
      },
    });
  });
}

async function openEvidence(
  folder: string,
  specs: readonly QemuSpec[],
  time: VirtualTime,
): Promise<Evidence & { readonly consoles: readonly GuestLog[] }> {
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
  readonly specs: readonly QemuSpec[];
  readonly steps: readonly PlannedStep[];
  readonly time: VirtualTime;
}

/** The coordinator first: guests come in to it. Disposal ends the guests first. */
async function start(
  context: Context,
  owned: DisposalStack,
  request: Start,
): Promise<{ coordinator: Coordinator; guests: readonly LockstepQemu[] }> {
  const { cell, products, specs, steps, time, folder, sockets, pause } = request;
  // Other cells may run side by side with this one.
  const socket = join(sockets, `clock-${randomUUID().slice(0, 8)}`);
  const { lockstep } = products;
  if (lockstep === undefined) throw new Error('the plugin has not been built');
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
