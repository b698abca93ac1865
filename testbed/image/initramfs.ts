// SPDX-License-Identifier: MIT
import { open, stat, truncate } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Context } from '../host/context.js';
import { writeCpio } from './cpio.js';
import { ImageWriteError } from './errors.js';
import type { RootTree } from './root-tree.js';

/** The kernel takes an archive after another one only where it begins on this boundary. */
const ALIGNMENT = 4;

const MIB = 1024 * 1024;

/**
 * Writes a tree as a compressed cpio archive, padded so that another may follow. gzip(1) compresses it and not
 * Node's zlib, whose output depends on the processor and on Node's version.
 * @throws ImageWriteError when it is larger than `megabytes` MiB
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
  const file = await open(path, 'w');
  try {
    await using gzip = await context.processes.start(['gzip', '-9', '--no-name', '--stdout'], {
      stdio: ['pipe', file.fd, 'inherit'],
      orphan: 'dies',
    });
    if (gzip.stdin === undefined) throw new Error('gzip has no standard input');
    await pipeline(Readable.from(writeCpio(tree.entries())), gzip.stdin, { signal: context.signal });
    const { code } = await gzip.exited;
    if (code !== 0) throw new ImageWriteError(`gzip ended with status ${String(code)}`);
  } finally {
    await file.close();
  }
}
