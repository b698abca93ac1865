// SPDX-License-Identifier: MIT
import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from './make-folder.js';
import { Waits } from '../clock/waits.js';
import { reportUnusable } from '../error/unusable-path.js';
import { untilAborted } from '../lifecycle/aborted.js';
import { ProgramFailedError } from '../process/errors.js';
import type { ArgumentVector } from '../process/process-runner.js';
import type { Context } from './context.js';
import { BusyError } from './errors.js';
import { holderText, lockHolder, type LockHolder } from './lock-holder.js';
import { processStartTime } from './process-identity.js';

/** A lock that is held. Disposal releases it. */
export interface Lock extends AsyncDisposable {
  readonly path: string;
  /** The open file that holds it. A child process to which this descriptor is given holds the lock as well. */
  readonly descriptor: number;
  /** Closes our descriptor. The lock is then held by those alone that it was given to. */
  handOver(): Promise<void>;
}

export interface LockRequest {
  /** What to do when another process has it: wait for it, or fail and say which process it is. */
  readonly wait: 'queue' | 'refuse';
  /** What it is wanted for, as a phrase that other processes show: `building linux-6.1`. */
  readonly purpose: string;
}

type LockContext = Pick<Context, 'processes' | 'clock' | 'events' | 'signal'>;

/**
 * Takes an exclusive flock(2) on a file, which is made when it is not there. The kernel releases it when this process
 * ends, however it ends. What the file says about a holder that no longer runs is ignored. Whoever holds the lock may
 * remove the file: those who waited for it then lock the new one.
 * @throws BusyError when another process has it and `wait` is `refuse`
 * @throws UnusablePathError when the file cannot be made or opened
 */
export async function acquireLock(context: LockContext, path: string, request: LockRequest): Promise<Lock> {
  for (;;) {
    context.signal.throwIfAborted();
    const file = await reportUnusable(path, async () => {
      await makeFolder(dirname(path));
      return await open(path, constants.O_RDWR | constants.O_CREAT, 0o644);
    });
    try {
      await lockFile(context, path, file, request);
      if (await isAt(path, file)) {
        await writeHolder(context, path, file, request);
        return heldLock(path, file);
      }
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
    await file.close();
  }
}

/** Holds a lock while `work` runs. @throws as {@link acquireLock} */
export async function withLock<T>(
  context: LockContext,
  path: string,
  request: LockRequest,
  work: () => Promise<T>,
): Promise<T> {
  const lock = await acquireLock(context, path, request);
  try {
    return await work();
  } finally {
    await lock[Symbol.asyncDispose]();
  }
}

/** @throws BusyError */
async function lockFile(
  context: LockContext,
  path: string,
  file: FileHandle,
  request: LockRequest,
): Promise<void> {
  if (await flock(context, file, ['--nonblock'])) return;
  const holder = await lockHolder(path);
  if (request.wait === 'refuse') throw new BusyError(path, holder);
  context.events({
    type: 'notice',
    at: context.clock.now(),
    level: 'info',
    text: `waiting for ${holderText(holder)}`,
  });
  using _open = Waits.begin({ what: holderText(holder) });
  await flock(context, file, []);
}

/** Exit status of flock(1) with --nonblock when another process has the lock. */
const CONFLICT = 1;

/**
 * Node.js has no flock(2), so flock(1) is given our open file. The lock belongs to the open file, not to the process
 * that asked for it, so it stays when flock(1) has ended.
 * @returns whether we have it now
 */
async function flock(
  { processes, signal }: LockContext,
  { fd }: FileHandle,
  options: readonly string[],
): Promise<boolean> {
  const argv: ArgumentVector = ['flock', '--exclusive', ...options, '3'];
  await using child = await processes.start(argv, {
    orphan: 'dies',
    stdio: ['ignore', 'ignore', 'ignore', fd],
  });
  const exit = await untilAborted(child.exited, signal);
  if (exit.code === 0) return true;
  if (exit.code === CONFLICT && options.length > 0) return false;
  throw new ProgramFailedError(argv, { ...exit, stdout: '', stderr: '' });
}

/** Whether the file is still the one that its path leads to. */
async function isAt(path: string, file: FileHandle): Promise<boolean> {
  const ours = await file.stat();
  const there = await stat(path).catch(() => undefined);
  return there?.ino === ours.ino && there.dev === ours.dev;
}

async function writeHolder(
  { clock }: LockContext,
  path: string,
  file: FileHandle,
  { purpose }: LockRequest,
): Promise<void> {
  const holder: LockHolder = {
    pid: process.pid,
    startTime: (await processStartTime(process.pid)) ?? '',
    purpose,
    since: clock.date().toISOString(),
  };
  await reportUnusable(path, async () => {
    await file.truncate();
    await file.write(JSON.stringify(holder), 0);
  });
}

function heldLock(path: string, file: FileHandle): Lock {
  let released: Promise<void> | undefined;
  const release = async (): Promise<void> => {
    await file.truncate().catch(() => undefined);
    await file.close();
  };
  return {
    path,
    descriptor: file.fd,
    handOver: () => (released ??= file.close()),
    [Symbol.asyncDispose]: () => (released ??= release()),
  };
}
