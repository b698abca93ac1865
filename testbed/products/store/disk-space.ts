// SPDX-License-Identifier: MIT
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ProgramFailedError } from '../../base/process/errors.js';
import { DiskFullError } from './errors.js';

/** Bytes that this user may still write on the file system of `path`, which need not exist yet. */
export async function freeBytes(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (thrown) {
    const parent = dirname(path);
    if (isErrno(thrown, 'ENOENT') && parent !== path) return await freeBytes(parent);
    throw thrown;
  }
}

/**
 * @param what the subject of the error: `building linux-6.1`
 * @throws DiskFullError when fewer than `bytes` are free
 */
export async function requireSpace(path: string, bytes: number, what: string): Promise<void> {
  const free = await freeBytes(path);
  if (free < bytes) throw new DiskFullError(what, path, bytes, free);
}

/**
 * Runs `work`. When the disk gets full under it, or under a program that it runs, that becomes a DiskFullError.
 * @throws DiskFullError instead of ENOSPC
 */
export async function reportFullDisk<T>(path: string, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!isDiskFull(thrown)) throw thrown;
    throw new DiskFullError(what, path, undefined, await freeBytes(path), { cause: thrown });
  }
}

function isDiskFull(thrown: unknown): boolean {
  if (isErrno(thrown, 'ENOSPC') || isErrno(thrown, 'EDQUOT')) return true;
  return (
    thrown instanceof ProgramFailedError &&
    thrown.excerpt.some((line) => /No space left on device|Disk quota exceeded/.test(line))
  );
}

function isErrno(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && (thrown as NodeJS.ErrnoException).code === code;
}
