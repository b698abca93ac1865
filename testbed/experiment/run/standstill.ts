// SPDX-License-Identifier: MIT
import { uptime } from 'node:os';
import type { Clock } from '../../base/clock/clock.js';
import { processStat } from '../../base/host/process-stat.js';

/** Time between two looks at the machines. */
const EVERY_MS = 200;

/** A look that comes so much too late was not only delayed by a busy host. */
const HOST_LIMIT_MS = 10_000;

/** How far the clock that counts a suspended host's sleep may leave the one that does not. */
const SLEEP_LIMIT_MS = 1_000;

/** A guest's QEMU, as the host sees it. */
export interface WatchedMachine {
  readonly name: string;
  readonly pid: number;
}

/**
 * Watches until `signal` is aborted. Says what stood still meanwhile: a QEMU that was stopped (SIGSTOP, a debugger), this
 * process, or the whole host. A guest that stands still goes on counting time, so what it measured is wrong. Undefined
 * when nothing stood still.
 */
export async function watchStandstill(
  clock: Clock,
  machines: readonly WatchedMachine[],
  signal: AbortSignal,
): Promise<string | undefined> {
  let found: string | undefined;
  let last = clock.now();
  const asleep = sleptMs(last);
  while (await passed(clock, signal)) {
    const now = clock.now();
    if (now - last > HOST_LIMIT_MS) found ??= `the testbed stood still for ${seconds(now - last)}`;
    if (sleptMs(now) - asleep > SLEEP_LIMIT_MS)
      found ??= `the host was suspended for ${seconds(sleptMs(now) - asleep)}`;
    last = now;
    for (const { name, pid } of machines)
      if (await isStopped(pid)) found ??= `the QEMU of ${name} was stopped`;
  }
  return found;
}

/** Waits for the next look. @returns whether the watch goes on */
async function passed(clock: Clock, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(EVERY_MS, signal);
    return true;
  } catch {
    return false;
  }
}

/** The time since boot counts a suspended host's sleep (CLOCK_BOOTTIME), and our clock does not (CLOCK_MONOTONIC). */
function sleptMs(now: number): number {
  return uptime() * 1000 - now;
}

/** Whether a process is stopped by a signal or a tracer: states T and t of proc(5). */
async function isStopped(pid: number): Promise<boolean> {
  // One that has ended is told by others.
  const [state = ''] = (await processStat(pid)) ?? [];
  return /^[Tt]/.test(state);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
