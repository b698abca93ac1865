// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../base/host/make-folder.js';
import { pollUntil } from '../base/clock/deadline.js';
import { reportUnusable, UnusablePathError } from '../base/error/unusable-path.js';
import type { Context } from '../base/host/context.js';
import { BusyError } from '../base/host/errors.js';
import { type acquireLock, withLock } from '../base/host/lock.js';
import { MOST_SOCKET_BYTES, type Paths } from '../base/host/paths.js';
import { processStartTime } from '../base/host/process-identity.js';

/** Where one testbed lives. */
export interface TestbedPlace {
  readonly name: string;
  /** Console logs, the journal, the supervisor's log and record. */
  readonly folder: string;
  /** The supervisor's socket; QMP and gdb sockets stand beside it. Short: a socket's path has 107 bytes at most. */
  readonly sockets: string;
  readonly socket: string;
  /**
   * Held from before the place is made until its supervisor has ended, and by whoever clears the place. So nobody takes a
   * supervisor that is starting for a dead one.
   */
  readonly lock: string;
}

/** What the supervisor writes to its folder when it listens. */
export interface SupervisorRecord {
  readonly name: string;
  readonly pid: number;
  /** Field 22 of /proc/PID/stat. Pid and start time together name one process, even when pids are used again. */
  readonly startTime: string;
  readonly since: string;
}

const RECORD = 'supervisor.json';

/** Hexadecimal digits that tell one state folder from another. Few, since a socket's path has to be short. */
const OWNER_DIGITS = 8;

export function testbedPlace(paths: Paths, name: string): TestbedPlace {
  // Testbeds in different state folders may have the same name, and share one folder for sockets.
  const owner = createHash('sha256').update(paths.state).digest('hex').slice(0, OWNER_DIGITS);
  const sockets = join(paths.runtime, `${name}-${owner}`);
  const folder = join(paths.state, 'testbeds', name);
  return { name, folder, sockets, socket: join(sockets, 'supervisor'), lock: `${folder}.lock` };
}

/** Whether a name is safe in paths and on command lines. */
export function isTestbedName(name: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,31}$/.test(name);
}

/** Name of the place of a run's supervisor. `number` counts the runs of this process, from 1. */
export function runName(number: number): string {
  return `run-${process.pid}-${number}`;
}

/** Whether a name is one that {@link runName} gives. */
export function isRunName(name: string): boolean {
  return /^run-\d+-\d+$/.test(name);
}

/** A name as long as the longest of those that stand beside the supervisor's socket. */
const LONGEST_SOCKET_NAME = 'clock-01234567';

/** @throws UnusablePathError when a folder cannot be made, or its path is too long for sockets */
export async function makePlace(place: TestbedPlace): Promise<void> {
  const longest = Buffer.byteLength(join(place.sockets, LONGEST_SOCKET_NAME));
  if (longest > MOST_SOCKET_BYTES)
    throw new UnusablePathError(
      place.sockets,
      `sockets in it have paths of ${longest} bytes, and Linux allows ${MOST_SOCKET_BYTES}`,
    );
  await reportUnusable(place.folder, async () => makeFolder(place.folder));
  await reportUnusable(place.sockets, async () => makeFolder(place.sockets, 0o700));
}

export async function writeRecord(place: TestbedPlace, record: SupervisorRecord): Promise<void> {
  const path = join(place.folder, RECORD);
  await writeFile(`${path}.new`, JSON.stringify(record, undefined, 2));
  await rename(`${path}.new`, path);
}

/** The running supervisor of a testbed. Undefined when none runs, even where one has left its record. */
export async function runningSupervisor(place: TestbedPlace): Promise<SupervisorRecord | undefined> {
  const record = await readRecord(place);
  if (record === undefined) return undefined;
  return (await processStartTime(record.pid)) === record.startTime ? record : undefined;
}

/** Whether a supervisor has been started at the place and has not ended in order. */
export async function hasRecord(place: TestbedPlace): Promise<boolean> {
  return (await readRecord(place)) !== undefined;
}

async function readRecord(place: TestbedPlace): Promise<SupervisorRecord | undefined> {
  try {
    return JSON.parse(await readFile(join(place.folder, RECORD), 'utf8')) as SupervisorRecord;
  } catch {
    // There is no record, or half of one after a loss of power. Either way no supervisor runs.
    return undefined;
  }
}

type LockContext = Parameters<typeof acquireLock>[0];

/**
 * Removes the sockets and the record of a supervisor that was killed, and tells it as a notice. Its QEMUs and its network
 * namespace ended with it. Logs stay. Nothing is done to a testbed that is up, starting or ending.
 */
export async function clearRemains(context: LockContext, place: TestbedPlace): Promise<void> {
  if (existsSync(join(place.folder, RECORD)) || existsSync(place.sockets))
    await whileDead(context, place, async () => clearHeld(context, place));
}

/** As {@link clearRemains}, for who holds the place's lock. */
export async function clearHeld(
  { clock, events }: Pick<Context, 'clock' | 'events'>,
  place: TestbedPlace,
): Promise<void> {
  const killed = await hasRecord(place);
  await removeSockets(place);
  if (!killed) return;
  const text = `cleared what a killed supervisor of ${place.name} left behind`;
  events({ type: 'notice', at: clock.now(), level: 'info', text });
}

/** Removes the sockets and the record, for a supervisor that ends, or who holds the lock of its place. */
export async function removeSockets(place: TestbedPlace): Promise<void> {
  await rm(place.sockets, { recursive: true, force: true });
  await rm(join(place.folder, RECORD), { force: true });
}

/**
 * Removes a testbed's place with its logs, for a testbed that will not be asked about again. Nothing is done to a testbed
 * that is up, starting or ending.
 */
export async function removePlace(context: LockContext, place: TestbedPlace): Promise<void> {
  await whileDead(context, place, async () => {
    await clearHeld(context, place);
    await rm(place.folder, { recursive: true, force: true });
    await rm(place.lock, { force: true });
  });
}

/** Removes the places of runs that were killed: their records are in the results, so nobody asks about their places. */
export async function removeDeadRuns(context: Pick<Context, 'paths'> & LockContext): Promise<void> {
  for (const place of await knownTestbeds(context.paths))
    if (isRunName(place.name)) await removePlace(context, place);
}

/** Holds the lock of a place while `work` runs. Does nothing when a supervisor has the lock. */
async function whileDead(
  context: LockContext,
  place: TestbedPlace,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await withLock(context, place.lock, { wait: 'refuse', purpose: `clearing testbed ${place.name}` }, work);
  } catch (thrown) {
    if (!(thrown instanceof BusyError)) throw thrown;
  }
}

/** Waits until a supervisor that was asked to end has ended. @throws DeadlineError after half a minute */
export async function waitForEnd(context: Context, record: SupervisorRecord): Promise<void> {
  const { clock, signal } = context;
  const wait = {
    what: `the end of supervisor ${record.pid}`,
    deadlineMs: 30_000,
    everyMs: 20,
    clock,
    signal,
  };
  await pollUntil(wait, async () =>
    (await processStartTime(record.pid)) === record.startTime ? undefined : true,
  );
}

/** Every testbed that has a folder, running or not. */
export async function knownTestbeds(paths: Paths): Promise<readonly TestbedPlace[]> {
  try {
    const names = await readdir(join(paths.state, 'testbeds'));
    return names
      .filter(isTestbedName)
      .sort()
      .map((name) => testbedPlace(paths, name));
  } catch {
    return [];
  }
}
