// SPDX-License-Identifier: MIT

/** Unit of a tar archive: a header is one block, content is padded to whole blocks. */
const BLOCK = 512;

/** Fields of a header: first byte and length (pax(1), ustar interchange format; GNU's magic as in tar(5)). */
const FIELD = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  magic: [257, 8],
} as const;

type Field = keyof typeof FIELD;

const TYPE_PAX = 'x';
const TYPE_GNU_NAME = 'L';
const TYPE_GNU_LINK = 'K';

/** Longest pax header that is taken seriously; a path has at most 4096 bytes (PATH_MAX). */
const LONGEST_PAX = 64 * 1024;

/**
 * Rewrites a tar stream for busybox: tar-fs puts a name that is long or not ASCII into a pax header, which busybox
 * skips, so that the file arrives under a wrong name. Here each such name becomes GNU's long-name entry (type L, K for
 * the target of a link), which busybox reads. All else passes as it is.
 */
export async function* gnuNames(archive: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const bytes = new ByteReader(archive);
  for (let header = await bytes.take(BLOCK); header !== undefined; header = await bytes.take(BLOCK)) {
    const padded = Math.ceil(contentSize(header) / BLOCK) * BLOCK;
    if (text(header, 'type') === TYPE_PAX) {
      if (padded > LONGEST_PAX) throw new Error(`a pax header of ${padded} bytes`);
      const records = paxRecords((await bytes.take(padded)) ?? Buffer.alloc(0));
      yield* longName(TYPE_GNU_LINK, records.get('linkpath'));
      yield* longName(TYPE_GNU_NAME, records.get('path'));
    } else {
      yield header;
      yield* bytes.pass(padded);
    }
  }
}

function* longName(type: string, name: Buffer | undefined): Generator<Buffer> {
  if (name === undefined) return;
  const content = Buffer.alloc(Math.ceil((name.length + 1) / BLOCK) * BLOCK);
  name.copy(content);
  const header = Buffer.alloc(BLOCK);
  write(header, 'name', '././@LongLink');
  for (const field of ['mode', 'uid', 'gid', 'mtime'] as const) write(header, field, octal(field, 0));
  write(header, 'size', octal('size', name.length + 1));
  write(header, 'type', type);
  write(header, 'magic', 'ustar  \0');
  // The checksum is the sum of the header's bytes with its own field taken as blanks.
  write(header, 'checksum', ' '.repeat(FIELD.checksum[1]));
  const sum = header.reduce((total, byte) => total + byte, 0);
  write(header, 'checksum', `${sum.toString(8).padStart(6, '0')}\0 `);
  yield header;
  yield content;
}

/** `length key=value\n` again and again; the length counts itself. */
function paxRecords(records: Buffer): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (let at = 0; at < records.length;) {
    const blank = records.indexOf(' ', at);
    const length = blank === -1 ? 0 : Number(records.toString('latin1', at, blank));
    if (!Number.isSafeInteger(length) || length <= 0) break;
    const record = records.subarray(blank + 1, at + length - 1);
    const equals = record.indexOf('=');
    found.set(record.toString('latin1', 0, equals), record.subarray(equals + 1));
    at += length;
  }
  return found;
}

/** Octal digits, or for 8 GiB and more a big-endian number behind a byte with the top bit set. */
function contentSize(header: Buffer): number {
  const [at, length] = FIELD.size;
  if ((header[at] ?? 0) >= 0x80) return Number(header.readBigUInt64BE(at + length - 8));
  return Number.parseInt(text(header, 'size'), 8) || 0;
}

function text(header: Buffer, field: Field): string {
  const [at, length] = FIELD[field];
  return header.toString('latin1', at, at + length).replace(/[\0 ]+$/, '');
}

function write(header: Buffer, field: Field, content: string): void {
  header.write(content, FIELD[field][0], 'latin1');
}

function octal(field: Field, value: number): string {
  return value.toString(8).padStart(FIELD[field][1] - 1, '0');
}

/** Cuts a stream of chunks into pieces of asked-for lengths. */
class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next `length` bytes as one piece; undefined when the stream has fewer left. */
  async take(length: number): Promise<Buffer | undefined> {
    while (this.#rest.length < length) {
      const next = await this.#chunks.next();
      if (next.done === true) return undefined;
      this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value]);
    }
    const piece = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return piece;
  }

  /** The next `length` bytes in pieces, as they come. */
  async *pass(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0;) {
      if (this.#rest.length === 0) {
        const next = await this.#chunks.next();
        if (next.done === true) return;
        this.#rest = next.value;
      }
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }
}
