// SPDX-License-Identifier: MIT
import type { ExecutionContext } from 'ava';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../testbed/base/host/paths.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import {
  Coordinator,
  type CoordinatorEvent,
  type CoordinatorRequest,
} from '../../testbed/virtual-time/coordinator.js';
import type { LockstepPrograms } from '../../testbed/products/image/lockstep-programs.js';
import type { Faults, VirtualTime } from '../../testbed/machines/cluster/virtual-time.js';
import { testContext } from '../products/image/test-context.js';
import { type Deed, ScriptedGuest } from './scripted-guest.js';

export const NO_FAULTS: Faults = {
  loss: 0,
  duplicate: 0,
  reorder: { part: 0, byNs: 0 },
  jitterNs: 0,
  cuts: [],
  crashes: [],
};

export interface SimulationRequest {
  /** What each guest does, node1's first; the last guest is the operator. */
  readonly deeds: readonly (readonly Deed[])[];
  readonly time?: Partial<VirtualTime>;
  readonly faults?: Partial<Faults>;
  readonly bandwidth?: number;
  readonly untilNs?: number;
  readonly pause?: CoordinatorRequest['pause'];
  /** Ports whose processors run all the time. */
  readonly busy?: readonly number[];
}

export interface Simulation {
  readonly coordinator: Coordinator;
  readonly guests: readonly ScriptedGuest[];
  readonly capture: string;
}

let programs: Promise<Programs> | undefined;

type Programs = Pick<LockstepPrograms, 'plugin' | 'coordinator'>;

/** Coordinator and plugin, built once from this checkout's sources. */
export async function lockstepPrograms(): Promise<Programs> {
  programs ??= build();
  return await programs;
}

async function build(): Promise<Programs> {
  const output = await mkdtemp(join(tmpdir(), 'vt-programs-'));
  process.once('exit', () => {
    rmSync(output, { recursive: true, force: true });
  });
  const source = join(projectRoot(), 'testbed', 'virtual-time', 'lockstep');
  await systemProcesses.succeed(['make', '-s', '-C', source, `O=${output}`]);
  return { plugin: join(output, 'lockstep.so'), coordinator: join(output, 'coordinator') };
}

/** Short: there is going to be a socket in it. */
async function temporaryPlace(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vt-'));
  t.teardown(async () => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The real coordinator with guests that do what is asked of them. */
export async function simulate(t: ExecutionContext, request: SimulationRequest): Promise<Simulation> {
  const { deeds, busy = [] } = request;
  const { coordinator, socket, capture } = await startCoordinator(t, deeds.length, request);
  const guests = await Promise.all(
    deeds.map(async (own, i) => ScriptedGuest.join(socket, i + 1, own, busy.includes(i + 1))),
  );
  return { coordinator, guests, capture };
}

/** The real coordinator, which waits for so many guests, with an operator. */
export async function startCoordinator(
  t: ExecutionContext,
  guests: number,
  request: Omit<SimulationRequest, 'deeds' | 'busy'>,
): Promise<{ readonly coordinator: Coordinator; readonly socket: string; readonly capture: string }> {
  const folder = await temporaryPlace(t);
  const { time, faults, bandwidth = 1e9, untilNs = 1e9, pause } = request;
  const socket = join(folder, 'clock');
  const capture = join(folder, 'network.pcap');
  const coordinator = await Coordinator.start(testContext({ processes: systemProcesses }), {
    program: (await lockstepPrograms()).coordinator,
    socket,
    nodes: guests - 1,
    time: {
      shift: 0,
      quantumNs: 50_000,
      seed: 1,
      queueBytes: 1_500_000,
      captureBytes: 128,
      ...time,
      faults: { ...NO_FAULTS, ...faults },
    },
    link: { bandwidth, delayUs: 50 },
    capture,
    deadlineNs: untilNs,
    ...(pause === undefined ? {} : { pause }),
  });
  t.teardown(async () => coordinator[Symbol.asyncDispose]());
  return { coordinator, socket, capture };
}

/**
 * Lets a simulation run to its end, and returns everything that the coordinator said but how far it was.
 * @throws Error when a guest was told of a frame after the instant at which it arrives
 */
export async function conclude({ coordinator, guests }: Simulation): Promise<readonly CoordinatorEvent[]> {
  const events: CoordinatorEvent[] = [];
  for await (const event of coordinator.events()) if (!('now' in event)) events.push(event);
  const late = guests.reduce((sum, guest) => sum + guest.late.length, 0);
  if (late > 0) throw new Error(`${late} frames were told too late`);
  return events;
}
