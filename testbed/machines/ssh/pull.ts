// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { chmod, mkdtemp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, posix, resolve } from 'node:path';
import { PassThrough, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ExtractOptions, Headers } from 'tar-fs';
import type { SshSession } from './session.js';
import {
  expectSuccess,
  PAYLOAD,
  remoteOperand,
  type Transfer,
  transferFailure,
  type TreeKind,
} from './transfer.js';

/** The sending end: `sh -c SEND sh DIRECTORY NAME`, where NAME is `.` for a whole tree. A link given as NAME is followed. */
const SEND = `
cd "$1" || exit
if [ "$2" = . ]; then exec tar -c -f - .; fi
exec tar -c -h -f - "./$2"
`;

const KIND_OF = `
if [ -d "$1" ]; then echo directory
elif [ -f "$1" ]; then echo file
elif [ -e "$1" ]; then echo "neither a file nor a directory" >&2; exit 1
else echo "there is no such file" >&2; exit 1
fi
`;

/** See {@link SshSession.pull}. */
export async function pull(session: SshSession, transfer: Transfer): Promise<void> {
  const { localPath, remotePath, signal } = transfer;
  const what = `${session.node}:${remotePath} could not be copied to ${localPath}`;
  try {
    const source = await sourceAt(session, what, remotePath, signal);
    const { target, there } = await targetAt(localPath, source);
    const receive = async (into: string): Promise<void> => unpack(session, what, source, into, transfer);
    if (there) await receive(target);
    else await besides(target, source.kind, receive);
  } catch (thrown) {
    throw transferFailure(session, what, signal, thrown);
  }
}

interface Source {
  readonly path: string;
  readonly name: string;
  readonly kind: TreeKind;
}

async function sourceAt(
  session: SshSession,
  what: string,
  remotePath: string,
  signal: AbortSignal | undefined,
): Promise<Source> {
  const path = remoteOperand(remotePath);
  const finished = await session.exec(
    ['sh', '-c', KIND_OF, 'sh', path],
    signal === undefined ? {} : { signal },
  );
  expectSuccess(session, what, finished);
  // The root and the home directory have no name to give to a copy.
  const name = posix.basename(posix.resolve('/', path)) || session.node;
  return { path, name, kind: finished.stdout.trim() === 'directory' ? 'directory' : 'file' };
}

/** Where the copy goes; `there` when it is a directory that exists and is merged into. */
async function targetAt(
  localPath: string,
  { name, kind }: Source,
): Promise<{ target: string; there: boolean }> {
  const into = localPath.endsWith('/') || (await typeOf(localPath)) === 'directory';
  const target = resolve(into ? join(localPath, name) : localPath);
  const found = await typeOf(target);
  if (found === 'directory' && kind === 'file') throw new Error(`${target} is a directory`);
  if (found === 'other' && kind === 'directory') throw new Error(`${target} is not a directory`);
  return { target, there: found === 'directory' };
}

async function typeOf(path: string): Promise<'directory' | 'other' | 'nothing'> {
  try {
    return (await stat(path)).isDirectory() ? 'directory' : 'other';
  } catch {
    return 'nothing';
  }
}

/** Has `receive` fill a place beside `target`, and renames what came when it is whole. */
async function besides(
  target: string,
  kind: TreeKind,
  receive: (into: string) => Promise<void>,
): Promise<void> {
  const aside = await mkdtemp(join(dirname(target), '.testbed.'));
  const payload = join(aside, PAYLOAD);
  try {
    if (kind === 'directory') await mkdir(payload);
    await receive(kind === 'directory' ? payload : aside);
    await rename(payload, target);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function unpack(
  session: SshSession,
  what: string,
  { path, kind }: Source,
  into: string,
  { signal, onProgress }: Transfer,
): Promise<void> {
  const { default: tar } = await import('tar-fs');
  const modes = new DirectoryModes(into);
  const options: ExtractOptions & { readonly umask: number; readonly validateSymlinks: boolean } = {
    umask: 0,
    // A guest's links may well point out of the tree; tar-fs does not write through any of them.
    validateSymlinks: false,
    map: (header) => modes.defer(owned({ ...header, ...(kind === 'file' ? { name: PAYLOAD } : {}) })),
  };
  const archive = new PassThrough();
  let broken: unknown;
  const unpacked = pipeline(archive, tar.extract(into, options)).catch((thrown: unknown) => {
    broken ??= thrown;
  });
  const argument = kind === 'directory' ? [path, '.'] : [posix.dirname(path), posix.basename(path)];
  let bytes = 0;
  const sent = session.exec(['sh', '-c', SEND, 'sh', ...argument], {
    keep: 'discard',
    ...(signal === undefined ? {} : { signal }),
    onStdout: (chunk) => {
      bytes += chunk.length;
      onProgress?.(bytes);
      return written(archive, chunk);
    },
  });
  try {
    expectSuccess(session, what, await sent);
    archive.end();
    await unpacked;
  } catch (thrown) {
    // Of the two ends, the one that broke first knows why.
    broken ??= thrown;
    archive.destroy();
    await unpacked;
  }
  if (broken !== undefined) throw broken as Error;
  await modes.apply();
}

function written(stream: Writable, chunk: Buffer): Promise<void> | undefined {
  if (stream.write(chunk)) return undefined;
  return once(stream, 'drain').then(() => undefined);
}

function owned(header: Headers): Headers {
  return { ...header, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}

/**
 * Modes of directories, set when the tree is complete: one without write permission could not be filled, and tar-fs
 * leaves the top directory alone.
 */
class DirectoryModes {
  readonly #modes = new Map<string, number>();
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  defer(header: Headers): Headers {
    if (header.type !== 'directory') return header;
    this.#modes.set(join(this.#root, posix.join('/', header.name)), header.mode & 0o777);
    return { ...header, mode: header.mode | 0o700 };
  }

  /** Innermost first. */
  async apply(): Promise<void> {
    const innermost = [...this.#modes].sort(([a], [b]) => b.length - a.length);
    for (const [path, mode] of innermost) await chmod(path, mode);
  }
}
