// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RunningProcess } from '../process/process-runner.js';
import type { Context } from './context.js';
import { BusyError } from './errors.js';
import { holderText, lockHolder, type LockHolder } from './lock-holder.js';
import { processStartTime } from './process-identity.js';

/** A lock that is held. Disposal releases it. */
export interface Lock extends AsyncDisposable {
  readonly path: string;
}

export interface LockRequest {
  /** What to do when another process has it: wait for it, or fail and say which process it is. */
  readonly wait: 'queue' | 'refuse';
  /** What it is wanted for, as a phrase that other processes show: `building linux-6.1`. */
  readonly purpose: string;
}

/**
 * Takes an exclusive flock(2) on a file, which is made when it is not there. A child process holds it and dies with
 * this process, so the lock is released however this process ends. What the file says about a holder that no longer
 * runs is ignored.
 * @throws BusyError when another process has it and `wait` is `refuse`
 */
export async function acquireLock(
  context: Pick<Context, 'processes' | 'clock' | 'events' | 'signal'>,
  path: string,
  request: LockRequest,
): Promise<Lock> {
  await mkdir(dirname(path), { recursive: true });
  let keeper = await lockedChild(context, path, ['--nonblock']);
  if (keeper === undefined) {
    const holder = await lockHolder(path);
    if (request.wait === 'refuse') throw new BusyError(path, holder);
    context.events({
      type: 'notice',
      at: context.clock.now(),
      level: 'info',
      text: `waiting for ${holderText(holder)}`,
    });
    keeper = await lockedChild(context, path, []);
    if (keeper === undefined) throw new BusyError(path, holder);
  }
  const record: LockHolder = {
    pid: process.pid,
    startTime: (await processStartTime(process.pid)) ?? '',
    purpose: request.purpose,
    since: context.clock.date().toISOString(),
  };
  await writeFile(path, JSON.stringify(record));
  return heldLock(path, keeper);
}

/** Holds a lock while `work` runs. @throws as {@link acquireLock} */
export async function withLock<T>(
  context: Pick<Context, 'processes' | 'clock' | 'events' | 'signal'>,
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

/**
 * Runs `cat` under flock(1). flock executes `cat` once it has the lock, and `cat` sends back what it is sent. That
 * echo shows that the lock is held. Returns undefined when flock ended instead.
 */
async function lockedChild(
  context: Pick<Context, 'processes' | 'signal'>,
  path: string,
  options: readonly string[],
): Promise<RunningProcess | undefined> {
  context.signal.throwIfAborted();
  const child = await context.processes.start(
    ['flock', '--exclusive', '--no-fork', ...options, path, 'cat'],
    { orphan: 'dies', stdio: ['pipe', 'pipe', 'ignore'] },
  );
  const { stdin, stdout } = child;
  if (stdin === undefined || stdout === undefined) throw new Error('flock was started without its pipes');
  // Writing fails when flock has already ended. Its exit says so.
  stdin.on('error', () => undefined);
  stdin.write('held\n');
  const settled = new AbortController();
  const echoed = once(stdout, 'data', { signal: AbortSignal.any([settled.signal, context.signal]) }).then(
    () => true,
  );
  try {
    if (await Promise.race([echoed, child.exited.then(() => false)])) return child;
    return undefined;
  } catch (thrown) {
    await child[Symbol.asyncDispose]();
    context.signal.throwIfAborted();
    throw thrown;
  } finally {
    echoed.catch(() => undefined);
    settled.abort();
  }
}

function heldLock(path: string, keeper: RunningProcess): Lock {
  let released: Promise<void> | undefined;
  const release = async (): Promise<void> => {
    await truncate(path).catch(() => undefined);
    await keeper[Symbol.asyncDispose]();
  };
  return { path, [Symbol.asyncDispose]: () => (released ??= release()) };
}
