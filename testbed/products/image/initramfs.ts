// SPDX-License-Identifier: MIT
import { open, stat, truncate } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Context } from '../../base/host/context.js';
import { ProgramFailedError } from '../../base/process/errors.js';
import { writeCpio } from './cpio.js';
import { ImageWriteError } from './errors.js';
import type { RootTree } from './root-tree.js';

/** The kernel finds a further archive only when it begins on this boundary. */
const ALIGNMENT = 4;

const MIB = 1024 * 1024;

/**
 * Writes a tree as a compressed cpio archive, padded so that another may follow. gzip(1) compresses it, since the
 * output of Node's zlib depends on the processor and on Node's version.
 * @throws ImageWriteError when it is larger than `megabytes` MiB
 * @throws ProgramFailedError when gzip cannot write it
 */
export async function writeInitramfs(
  context: Context,
  tree: RootTree,
  path: string,
  megabytes: number,
): Promise<void> {
  await compress(context, tree, path);
  const { size } = await stat(path);
  if (size > megabytes * MIB) {
    const is = (size / MIB).toFixed(1);
    throw new ImageWriteError(`the initramfs has ${is} MiB, of ${megabytes} that it may have`);
  }
  await truncate(path, Math.ceil(size / ALIGNMENT) * ALIGNMENT);
}

async function compress(context: Context, tree: RootTree, path: string): Promise<void> {
  const argv = ['gzip', '-9', '--no-name', '--stdout'] as const;
  const file = await open(path, 'w');
  try {
    await using gzip = await context.processes.start(argv, {
      stdio: ['pipe', file.fd, 'pipe'],
      orphan: 'dies',
    });
    if (gzip.stdin === undefined) throw new Error('gzip has no standard input');
    // gzip may have ended before all of its output has been read.
    const complaining = gzip.stderr === undefined ? '' : text(gzip.stderr).catch(() => '');
    const fed = pipeline(Readable.from(writeCpio(tree.entries())), gzip.stdin, { signal: context.signal });
    // When gzip fails it breaks the pipe. Its own message says more than that error.
    const [outcome] = await Promise.allSettled([fed]);
    context.signal.throwIfAborted();
    if (outcome.status === 'rejected') gzip.kill('SIGTERM');
    const exit = await gzip.exited;
    const complaint = await complaining;
    if (exit.code !== 0 && complaint !== '') {
      throw new ProgramFailedError(argv, { ...exit, stdout: '', stderr: complaint });
    }
    if (outcome.status === 'rejected') throw outcome.reason;
  } finally {
    await file.close();
  }
}
