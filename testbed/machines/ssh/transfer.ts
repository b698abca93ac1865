// SPDX-License-Identifier: MIT
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { basename, posix, resolve } from 'node:path';
import type { Clock } from '../../base/clock/clock.js';
import { TestbedError } from '../../base/error/testbed-error.js';
import { untilAborted } from '../../base/lifecycle/aborted.js';
import { type Omission, TreeCopy } from '../copy/copy-tree.js';
import type { Files } from '../copy/files.js';
import { localFiles } from '../copy/local-files.js';
import { placeOf } from '../copy/copy-place.js';
import { atMost } from './at-most.js';
import { TransferError } from './errors.js';
import type { SshSession, TransferProgress } from './session.js';

/** Longest time that the caller of a cancelled transfer waits until incomplete files are removed. */
const CANCEL_MS = 500;

/** What transfers need of a session. */
export interface TransferringSession {
  readonly node: string;
  readonly clock: Clock;
  readonly exec: SshSession['exec'];
  /**
   * Gives `use` access to the node's files. Aborting `signal` ends the requests under way. The signal given to `use` is
   * also aborted when the connection breaks.
   */
  withFiles(
    signal: AbortSignal | undefined,
    use: (files: Files, signal: AbortSignal) => Promise<void>,
  ): Promise<void>;
}

/** One transfer, in either direction. */
export interface Transfer {
  readonly localPath: string;
  readonly remotePath: string;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: TransferProgress | undefined;
}

/** See {@link SshSession.push}. */
export async function push(session: TransferringSession, transfer: Transfer): Promise<void> {
  const { localPath, remotePath } = transfer;
  const what = `${localPath} could not be copied to ${session.node}:${remotePath}`;
  await transferred(session, what, transfer, (remote) => ({
    from: localFiles,
    source: resolve(localPath),
    name: basename(resolve(localPath)),
    to: remote,
    target: remoteOperand(remotePath),
    remove: async (paths) => {
      await session.exec(['sh', '-c', REMOVE, 'sh', ...paths]);
    },
  }));
}

/** See {@link SshSession.pull}. */
export async function pull(session: TransferringSession, transfer: Transfer): Promise<void> {
  const { localPath, remotePath } = transfer;
  const what = `${session.node}:${remotePath} could not be copied to ${localPath}`;
  const source = remoteOperand(remotePath);
  await transferred(session, what, transfer, (remote) => ({
    from: remote,
    source,
    // The root and the home directory have no name that a copy could get.
    name: posix.basename(posix.resolve('/', source)) || session.node,
    to: localFiles,
    target: localPath.endsWith('/') ? `${resolve(localPath)}/` : resolve(localPath),
    remove: async (paths) => {
      for (const path of paths) await rm(path, { recursive: true, force: true });
    },
  }));
}

/** Tried twice, since requests that were under way when a connection broke may still be carried out. */
const REMOVE = 'rm -rf -- "$@" || { sleep 1; rm -rf -- "$@"; }';

interface Route {
  readonly from: Files;
  readonly source: string;
  /** Name of the copy when the target does not give it one. */
  readonly name: string;
  readonly to: Files;
  readonly target: string;
  /** Removes what a failed copy leaves on the target's side. */
  readonly remove: (paths: readonly string[]) => Promise<void>;
}

async function transferred(
  session: TransferringSession,
  what: string,
  transfer: Transfer,
  routeWith: (remote: Files) => Route,
): Promise<void> {
  const { signal } = transfer;
  signal?.throwIfAborted();
  const work = attempt(session, what, transfer, routeWith);
  try {
    await untilAborted(work, signal);
  } catch (thrown) {
    if (signal?.aborted === true) await atMost(session.clock, CANCEL_MS, work);
    throw transferFailure(session.node, what, signal, thrown);
  }
}

async function attempt(
  session: TransferringSession,
  what: string,
  { signal, onProgress }: Transfer,
  routeWith: (remote: Files) => Route,
): Promise<void> {
  let leftBehind: (() => Promise<void>) | undefined;
  try {
    await session.withFiles(signal, async (remote, stop) => {
      const route = routeWith(remote);
      const tree = new TreeCopy({
        from: route.from,
        to: route.to,
        aside: `.testbed.${randomUUID()}`,
        signal: stop,
        onProgress,
      });
      leftBehind = async () => {
        if (tree.asides.length > 0) await route.remove(tree.asides);
      };
      await copy(tree, route);
      const { omissions } = tree;
      if (omissions.length > 0) throw incomplete(session.node, what, omissions);
    });
  } catch (thrown) {
    await leftBehind?.().catch(() => undefined);
    throw thrown;
  }
}

async function copy(tree: TreeCopy, { from, source, name, to, target }: Route): Promise<void> {
  const entry = await from.followed(source);
  if (entry === undefined) throw new Error('there is no such file');
  if (entry.kind !== 'file' && entry.kind !== 'directory') throw new Error('neither a file nor a directory');
  const { path, how } = await placeOf(to, target, name, entry);
  if (how === 'new') await tree.place(source, entry, path);
  else if (how === 'merge') await tree.merge(source, entry, path);
  else await tree.writeTo(path, source, entry);
}

/** A path in a form that is never taken for an option. `~` is the directory that relative paths start from. */
function remoteOperand(path: string): string {
  const plain = path.replace(/^~(?=\/|$)/, '.');
  return plain.startsWith('/') ? plain : `./${plain}`;
}

/** Largest number of omissions in an error. */
const LISTED = 20;

function incomplete(node: string, what: string, omissions: readonly Omission[]): TransferError {
  const lines = omissions.map(({ path, why }) => `${path}: ${why}`);
  const more = lines.length - LISTED;
  return new TransferError(node, `${what} whole: ${lines.length} left out, such as ${lines[0] ?? ''}`, {
    nextStep: 'Everything else was copied.',
    excerpt: more > 0 ? [...lines.slice(0, LISTED), `and ${more} more`] : lines,
  });
}

/** What went wrong, as an error for the user. */
function transferFailure(
  node: string,
  what: string,
  signal: AbortSignal | undefined,
  thrown: unknown,
): unknown {
  if (signal?.aborted === true) return signal.reason;
  if (thrown instanceof TestbedError) return thrown;
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  return new TransferError(node, `${what}: ${why}`, { nextStep: NEXT_STEP, cause: thrown });
}

const NEXT_STEP = 'Check that the source can be read, and that the target has room and can be written.';
