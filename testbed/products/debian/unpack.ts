// SPDX-License-Identifier: MIT
import { basename, relative } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-fs';
import type { Context } from '../../base/host/context.js';
import { PackageUnpackError } from './errors.js';

/** A member of a package, with its owner and mode, which only root could set on disk. */
export interface PackageMember {
  /** Relative to the root, without a leading slash. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Where a symlink points. */
  readonly target?: string;
}

/** A member as tar-fs describes it. Its types lack the target of a link. */
type Header = tar.Headers & { readonly linkname?: string | null };

/**
 * Unpacks a package's files, as any user, and lists its members as the package has them. Symbolic links are listed
 * only: an absolute one would point out of `folder`.
 * @param wanted - says for each path whether it is to be unpacked and listed
 * @throws PackageUnpackError
 */
export async function unpackPackage(
  context: Context,
  file: string,
  folder: string,
  wanted: (path: string) => boolean,
): Promise<readonly PackageMember[]> {
  const members: PackageMember[] = [];
  const skip = (name: string, header?: Header): boolean => {
    const path = relative(folder, name);
    if (header === undefined || path === '' || !wanted(path)) return true;
    members.push(memberOf(path, header));
    return header.type !== 'file' && header.type !== 'link';
  };
  await readPackage(context, file, async (archive) => {
    try {
      const sink = tar.extract(folder, { ignore: skip, dmode: 0o700, fmode: 0o600 });
      await pipeline(archive, sink, { signal: context.signal });
    } catch (thrown) {
      context.signal.throwIfAborted();
      throw new PackageUnpackError(basename(file), { cause: thrown });
    }
  });
  return members;
}

/**
 * Hands the files of a package to `consume`, as a tar archive.
 * @throws PackageUnpackError when dpkg-deb cannot read the package, after `consume`; and what `consume` throws
 */
export async function readPackage(
  context: Context,
  file: string,
  consume: (archive: Readable) => Promise<unknown>,
): Promise<void> {
  await using source = await context.processes.start(['dpkg-deb', '--fsys-tarfile', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    orphan: 'dies',
  });
  const complaint: string[] = [];
  source.stderr?.setEncoding('utf8').on('data', (text: string) => complaint.push(text));
  if (source.stdout === undefined) throw new Error('dpkg-deb has no standard output');
  await consume(source.stdout);
  const exit = await source.exited;
  if (exit.code !== 0) {
    throw new PackageUnpackError(basename(file), { excerpt: complaint.join('').trimEnd().split('\n') });
  }
}

function memberOf(path: string, header: Header): PackageMember {
  const { mode, uid, gid } = header;
  if (header.type === 'directory') return { path, type: 'directory', mode, uid, gid };
  if (header.type === 'symlink') {
    return { path, type: 'symlink', mode: 0o777, uid, gid, target: header.linkname ?? '' };
  }
  return { path, type: 'file', mode, uid, gid };
}
