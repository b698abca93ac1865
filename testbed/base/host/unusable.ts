// SPDX-License-Identifier: MIT
import { userInfo } from 'node:os';
import { lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UnusablePathError } from './errors.js';

/** What the errors of the system calls mean that the user can do something about. */
const REASONS: Readonly<Partial<Record<string, string>>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the disk quota is exceeded',
  EISDIR: 'a directory is there',
  ENOTDIR: 'a part of the path is not a directory',
  EEXIST: 'something else is there',
  ENOENT: 'a part of the path does not exist',
  ELOOP: 'it leads through too many links',
  ENAMETOOLONG: 'a name in it is too long',
  EIO: 'the device reports an error',
  ENXIO: 'nobody is at the other end',
};

/**
 * Runs `work`, which makes or writes the file or folder at `path`. What the file system refuses is the user's to mend, so
 * it is told with path and owner.
 * @throws UnusablePathError
 */
export async function reportUnusable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const error = thrown as NodeJS.ErrnoException;
    const reason = thrown instanceof Error ? REASONS[error.code ?? ''] : undefined;
    if (reason === undefined) throw thrown;
    throw new UnusablePathError(path, reason + (await ownership(error.path ?? path)), thrown);
  }
}

/** Who owns what stands in the way, where that is somebody else. */
async function ownership(path: string): Promise<string> {
  const nearest = await existing(path);
  if (nearest === undefined) return '';
  const { uid } = await lstat(nearest);
  return uid === process.getuid?.() ? '' : `; ${nearest} belongs to ${ownerName(uid)}, not to ${ownName()}`;
}

async function existing(path: string): Promise<string | undefined> {
  const found = await lstat(path).then(
    () => true,
    () => false,
  );
  if (found) return path;
  const parent = dirname(path);
  return parent === path ? undefined : await existing(parent);
}

function ownerName(uid: number): string {
  return uid === 0 ? 'root' : `user ${uid}`;
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user who is not in /etc/passwd.
    return `user ${process.getuid?.() ?? '?'}`;
  }
}
