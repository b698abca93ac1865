// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import type { Clock } from '../../base/clock/clock.js';
import { processStat } from '../../base/host/process-stat.js';
import type { HostLoad } from '../result/cell-record.js';

/** Part of the host's processor time that others may use before a cell counts as noisy. */
export const NOISE_LIMIT = 0.1;

/** Clock ticks a second in /proc. Linux has fixed it for user space (time(7), USER_HZ). */
const TICKS_PER_SECOND = 100;

/** What the host had done by one moment, in seconds of one processor. */
export interface HostSample {
  readonly atMs: number;
  readonly loadAverage: number;
  /** User and system time of all processes. */
  readonly busy: number;
  /** Time that a hypervisor below this host took. */
  readonly stolen: number;
  /** The part of `busy` that our own processes used. */
  readonly own: number;
}

/** Reads the host's processor times; `pids` are processes of ours beside this one. */
export async function sampleHost(clock: Clock, pids: readonly number[]): Promise<HostSample> {
  const [stat, ...own] = await Promise.all([
    readFile('/proc/stat', 'latin1'),
    ...[process.pid, ...pids].map(processSeconds),
  ]);
  return {
    atMs: clock.now(),
    loadAverage: loadavg()[0] ?? 0,
    ...parseProcessorTimes(stat),
    own: own.reduce((sum, seconds) => sum + seconds, 0),
  };
}

/**
 * Reads the first line of /proc/stat, see proc(5). Interrupts are left out: most are caused by packets of our own guests,
 * and no process is charged for them.
 */
export function parseProcessorTimes(stat: string): Pick<HostSample, 'busy' | 'stolen'> {
  const [user = 0, nice = 0, system = 0, , , , , steal = 0] = (stat.split('\n')[0] ?? '')
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return { busy: (user + nice + system) / TICKS_PER_SECOND, stolen: steal / TICKS_PER_SECOND };
}

/** What others did on the host between two samples. */
export function hostLoad(
  before: HostSample,
  after: HostSample,
  processors = availableParallelism(),
): HostLoad {
  const capacity = ((after.atMs - before.atMs) / 1000) * processors;
  const part = (seconds: number): number => (capacity > 0 ? Math.max(0, seconds / capacity) : 0);
  const others = part(after.busy - before.busy - (after.own - before.own));
  const stolen = part(after.stolen - before.stolen);
  return {
    loadAverage: { before: before.loadAverage, after: after.loadAverage },
    others,
    stolen,
    noisy: others + stolen > NOISE_LIMIT,
  };
}

/** User and system time of a process and its reaped children; 0 for one that has ended. */
async function processSeconds(pid: number): Promise<number> {
  const ticks = ((await processStat(pid)) ?? []).slice(11, 15).map(Number);
  return ticks.reduce((sum, value) => sum + value, 0) / TICKS_PER_SECOND;
}
