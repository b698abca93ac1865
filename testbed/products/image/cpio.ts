// SPDX-License-Identifier: MIT
import { createReadStream } from 'node:fs';
import type { Content, Inode } from './root-tree.js';

/**
 * The `newc` cpio format that Linux unpacks at boot (Documentation/driver-api/early-userspace/buffer-format.rst): a
 * header of 110 ASCII bytes, the name with a NUL, the content; name and content padded to 4 bytes.
 */
const MAGIC = '070701';
const HEADER_BYTES = 110;
const TRAILER = 'TRAILER!!!';

/** Every time stamp in an image, in seconds: 2001-09-09, which is clearly not the time of a build. */
export const IMAGE_TIME = 1_000_000_000;

/** Archives end on this boundary, so that another archive can follow directly. */
const ARCHIVE_ALIGNMENT = 512;

const FILE_TYPE: Readonly<Record<Inode['type'], number>> = {
  file: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
  'character-device': 0o020000,
};

/**
 * Writes an archive, the same bytes for the same entries: inode numbers count from 1, times are {@link IMAGE_TIME}.
 * @param entries - a folder before what is in it
 */
export async function* writeCpio(
  entries: Iterable<readonly [path: string, inode: Inode]>,
): AsyncGenerator<Buffer> {
  let number = 0;
  let written = 0;
  for (const [path, inode] of entries) {
    const head = header(path, ++number, inode);
    yield head;
    const bytes = yield* body(inode);
    const padding = Buffer.alloc(distance(bytes, 4));
    yield padding;
    written += head.length + bytes + padding.length;
  }
  const trailer = header(TRAILER, 0, undefined);
  yield trailer;
  yield Buffer.alloc(distance(written + trailer.length, ARCHIVE_ALIGNMENT));
}

async function* body(inode: Inode): AsyncGenerator<Buffer, number> {
  if (inode.type === 'symlink') yield Buffer.from(inode.target);
  if (inode.type === 'file') yield* bytesOf(inode.content);
  return size(inode);
}

async function* bytesOf(content: Content): AsyncGenerator<Buffer> {
  if (Buffer.isBuffer(content)) {
    yield content;
    return;
  }
  let seen = 0;
  for await (const chunk of createReadStream(content.path) as AsyncIterable<Buffer>) {
    seen += chunk.length;
    yield chunk;
  }
  if (seen !== content.bytes) throw new Error(`${content.path} changed while it was read`);
}

function size(inode: Inode | undefined): number {
  if (inode?.type === 'symlink') return Buffer.byteLength(inode.target);
  if (inode?.type !== 'file') return 0;
  return Buffer.isBuffer(inode.content) ? inode.content.length : inode.content.bytes;
}

function header(path: string, number: number, inode: Inode | undefined): Buffer {
  const name = Buffer.from(`${path}\0`);
  const device = inode?.type === 'character-device' ? inode : { major: 0, minor: 0 };
  const fields = [
    number,
    inode === undefined ? 0 : FILE_TYPE[inode.type] | inode.mode,
    inode?.uid ?? 0,
    inode?.gid ?? 0,
    inode?.type === 'directory' ? 2 : 1,
    inode === undefined ? 0 : IMAGE_TIME,
    size(inode),
    // The device of the file. It is the same for all, so inode numbers alone tell files apart.
    0,
    0,
    device.major,
    device.minor,
    name.length,
    // A checksum in the `crc` variant only.
    0,
  ];
  const text = fields.map((field) => field.toString(16).toUpperCase().padStart(8, '0')).join('');
  const padding = Buffer.alloc(distance(HEADER_BYTES + name.length, 4));
  return Buffer.concat([Buffer.from(MAGIC + text, 'latin1'), name, padding]);
}

/** How far it is from `offset` to the next multiple of `alignment`. */
function distance(offset: number, alignment: number): number {
  return (alignment - (offset % alignment)) % alignment;
}

/** A member of an archive, as {@link readCpio} finds it. */
export interface CpioMember {
  readonly path: string;
  readonly number: number;
  /** With the file type, as in `stat`. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly major: number;
  readonly minor: number;
  readonly content: Buffer;
}

/**
 * Reads the members of one archive, up to its trailer.
 * @throws RangeError when the bytes are not a newc archive or end too early
 */
export function* readCpio(archive: Buffer): Generator<CpioMember> {
  for (let at = 0; ;) {
    if (archive.toString('latin1', at, at + MAGIC.length) !== MAGIC) {
      throw new RangeError(`no newc header at byte ${at}`);
    }
    const field = (index: number): number => {
      const from = at + MAGIC.length + index * 8;
      const value = Number.parseInt(archive.toString('latin1', from, from + 8), 16);
      if (Number.isNaN(value)) throw new RangeError(`no newc header at byte ${at}`);
      return value;
    };
    const nameEnd = at + HEADER_BYTES + field(11);
    const contentStart = nameEnd + distance(nameEnd, 4);
    const contentEnd = contentStart + field(6);
    if (contentEnd > archive.length) throw new RangeError(`the archive ends within the member at byte ${at}`);
    const path = archive.toString('utf8', at + HEADER_BYTES, nameEnd - 1);
    if (path === TRAILER) return;
    yield {
      path,
      number: field(0),
      mode: field(1),
      uid: field(2),
      gid: field(3),
      mtime: field(5),
      major: field(9),
      minor: field(10),
      content: archive.subarray(contentStart, contentEnd),
    };
    at = contentEnd + distance(contentEnd, 4);
  }
}
