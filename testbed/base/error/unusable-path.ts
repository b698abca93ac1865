// SPDX-License-Identifier: MIT
import { lstatSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { ExitCode } from './exit-code.js';
import { TestbedError } from './testbed-error.js';

/** A file or folder cannot be made, read or written. */
export class UnusablePathError extends TestbedError {
  readonly code = 'E_UNUSABLE_PATH';
  readonly exitCode = ExitCode.Host;

  constructor(path: string, reason: string, cause?: unknown) {
    super(`${path} cannot be used: ${reason}`, {
      nextStep:
        'Mend that, or name another place: TESTBED_STATE, TESTBED_RUNTIME, TESTBED_CACHE, TESTBED_RESULTS.',
      cause,
    });
  }
}

/** What a file system may refuse to anybody at any time, by the error of the system call. It is the user's to mend. */
const REFUSALS: Readonly<Partial<Record<string, string>>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the disk quota is exceeded',
  EIO: 'the device reports an error',
  ELOOP: 'it leads through too many links',
  ENAMETOOLONG: 'a name in it is too long',
};

/** What else can stand in the way of a path that the user has named. */
const OBSTACLES: Readonly<Partial<Record<string, string>>> = {
  ...REFUSALS,
  EISDIR: 'a directory is there',
  ENOTDIR: 'a part of the path is not a directory',
  EEXIST: 'something else is there',
  ENOENT: 'a part of the path does not exist',
  ENXIO: 'nobody is at the other end',
};

/** What was thrown as an {@link UnusablePathError}, where a file system has refused something. Undefined elsewhere. */
export function fileSystemRefusal(thrown: unknown): UnusablePathError | undefined {
  const { path } = thrown as NodeJS.ErrnoException;
  return path === undefined ? undefined : unusable(thrown, path, REFUSALS);
}

/**
 * Runs `work`, which makes or writes the file or folder at `path`. What the file system refuses is the user's to mend, so
 * it is told with path and owner.
 * @throws UnusablePathError
 */
export async function reportUnusable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw unusable(thrown, (thrown as NodeJS.ErrnoException).path ?? path, OBSTACLES) ?? thrown;
  }
}

function unusable(thrown: unknown, path: string, reasons: typeof REFUSALS): UnusablePathError | undefined {
  if (!(thrown instanceof Error) || thrown instanceof TestbedError) return undefined;
  const reason = reasons[(thrown as NodeJS.ErrnoException).code ?? ''];
  return reason === undefined ? undefined : new UnusablePathError(path, reason + ownership(path), thrown);
}

/** Who owns what stands in the way, where that is somebody else. */
function ownership(path: string): string {
  try {
    const { uid } = lstatSync(path);
    if (uid === process.getuid?.()) return '';
    return `; ${path} belongs to ${uid === 0 ? 'root' : `user ${uid}`}, and you are ${ownName()}`;
  } catch {
    const parent = dirname(path);
    return parent === path ? '' : ownership(parent);
  }
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user who is not in /etc/passwd.
    return `user ${process.getuid?.() ?? '?'}`;
  }
}
