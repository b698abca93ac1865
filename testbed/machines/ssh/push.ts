// SPDX-License-Identifier: MIT
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { PackOptions } from 'tar-fs';
import { gnuNames } from './gnu-names.js';
import type { SshSession, TransferProgress } from './session.js';
import {
  expectSuccess,
  PAYLOAD,
  remoteOperand,
  type Transfer,
  transferFailure,
  type TreeKind,
} from './transfer.js';

/**
 * The receiving end: `sh -c RECEIVE sh TARGET NAME KIND ASIDE`, a tar archive on its input. What is new is unpacked beside its
 * place, in a directory that nobody else calls ASIDE, and then renamed into it. That is known and taken away again whenever
 * SIGTERM comes: a name of mktemp's would be lost when the signal comes before it has been told.
 */
const RECEIVE = `
set -e
target=$1 name=$2 kind=$3 aside=$4
if [ -d "$target" ]; then target=\${target%/}/; fi
case $target in */) target=$target$name ;; esac
if [ -d "$target" ]; then
  if [ "$kind" = file ]; then echo "$target is a directory" >&2; exit 1; fi
  exec tar -x -p -f - -C "$target"
fi
if [ "$kind" = directory ] && [ -e "$target" ]; then echo "$target is not a directory" >&2; exit 1; fi
if ! [ -d "\${target%/*}/" ]; then echo "there is no directory \${target%/*}" >&2; exit 1; fi
aside=\${target%/*}/$aside
trap 'rm -rf "$aside"' EXIT
trap 'exit 143' TERM
mkdir -m 700 "$aside"
into=$aside
if [ "$kind" = directory ]; then into=$aside/${PAYLOAD}; mkdir "$into"; fi
tar -x -p -f - -C "$into"
mv -f "$aside/${PAYLOAD}" "$target"
`;

/** Bytes that are read from a file at once: with Node's 64 KiB the reading costs three times as much. */
const READ_BYTES = 256 * 1024;

interface Source {
  readonly path: string;
  readonly name: string;
  readonly kind: TreeKind;
}

/** See {@link SshSession.push}. */
export async function push(session: SshSession, transfer: Transfer): Promise<void> {
  const { localPath, remotePath, signal, onProgress } = transfer;
  const what = `${localPath} could not be copied to ${session.node}:${remotePath}`;
  try {
    const source = await sourceAt(localPath);
    const aside = `.testbed.${randomUUID()}`;
    const finished = await session.exec(
      ['sh', '-c', RECEIVE, 'sh', remoteOperand(remotePath), source.name, source.kind, aside],
      {
        input: Readable.from(counted(gnuNames(await archive(source)), onProgress), { objectMode: false }),
        ...(signal === undefined ? {} : { signal }),
      },
    );
    expectSuccess(session, what, finished);
  } catch (thrown) {
    throw transferFailure(session, what, signal, thrown);
  }
}

async function sourceAt(localPath: string): Promise<Source> {
  const path = await realpath(localPath);
  const stats = await stat(path);
  if (!stats.isFile() && !stats.isDirectory()) throw new Error('neither a file nor a directory');
  return { path, name: basename(resolve(localPath)), kind: stats.isFile() ? 'file' : 'directory' };
}

async function archive({ path, kind }: Source): Promise<AsyncIterable<Buffer>> {
  const { default: tar } = await import('tar-fs');
  const options: PackOptions & { readonly umask: number; readonly fs: typeof fs } = {
    umask: 0,
    fs: {
      ...fs,
      createReadStream: (path, range) =>
        fs.createReadStream(path, { ...(range as object), highWaterMark: READ_BYTES }),
    },
    map: (header) => ({ ...header, uid: 0, gid: 0, ...(kind === 'file' ? { name: PAYLOAD } : {}) }),
  };
  if (kind === 'directory') return tar.pack(path, options) as AsyncIterable<Buffer>;
  return tar.pack(dirname(path), { ...options, entries: [basename(path)] }) as AsyncIterable<Buffer>;
}

async function* counted(
  chunks: AsyncIterable<Buffer>,
  onProgress: TransferProgress | undefined,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    yield chunk;
    bytes += chunk.length;
    onProgress?.(bytes);
  }
}
