// SPDX-License-Identifier: MIT

/** What a program or library needs from the dynamic linker. */
export interface DynamicNeeds {
  /** The program interpreter's path; undefined in a library. */
  readonly interpreter: string | undefined;
  /** DT_NEEDED: names of shared libraries, in order. */
  readonly libraries: readonly string[];
}

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NULL = 0;
const DT_NEEDED = 1;
const DT_STRTAB = 5;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly bytes: number;
}

/**
 * Reads what a 64-bit little-endian ELF file needs (System V ABI, chapter 5). Undefined for a program that is linked
 * statically, and for any other file.
 * @throws RangeError when the file is cut short
 */
export function dynamicNeeds(file: Buffer): DynamicNeeds | undefined {
  if (file.length < 64 || file.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const [is64Bit, isLittleEndian] = [file[4] === 2, file[5] === 1];
  if (!is64Bit || !isLittleEndian) return undefined;
  const segments = programHeaders(file);
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  if (dynamic === undefined) return undefined;
  const entries = dynamicEntries(file, dynamic);
  const strings = fileOffset(segments, entries.find(({ tag }) => tag === DT_STRTAB)?.value ?? 0);
  const interpreter = segments.find(({ type }) => type === PT_INTERP);
  return {
    interpreter: interpreter === undefined ? undefined : text(file, interpreter.offset),
    libraries: entries.filter(({ tag }) => tag === DT_NEEDED).map(({ value }) => text(file, strings + value)),
  };
}

function programHeaders(file: Buffer): readonly Segment[] {
  const table = Number(file.readBigUInt64LE(32));
  const entryBytes = file.readUInt16LE(54);
  return Array.from({ length: file.readUInt16LE(56) }, (_, index) => {
    const at = table + index * entryBytes;
    return {
      type: file.readUInt32LE(at),
      offset: Number(file.readBigUInt64LE(at + 8)),
      address: Number(file.readBigUInt64LE(at + 16)),
      bytes: Number(file.readBigUInt64LE(at + 32)),
    };
  });
}

function dynamicEntries(
  file: Buffer,
  dynamic: Segment,
): readonly { readonly tag: number; readonly value: number }[] {
  const entries = [];
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.bytes; at += 16) {
    const tag = Number(file.readBigInt64LE(at));
    if (tag === DT_NULL) break;
    entries.push({ tag, value: Number(file.readBigUInt64LE(at + 8)) });
  }
  return entries;
}

/** Where the byte at an address of memory lies in the file. */
function fileOffset(segments: readonly Segment[], address: number): number {
  const holder = segments.find(
    (one) => one.type === PT_LOAD && one.address <= address && address < one.address + one.bytes,
  );
  return holder === undefined ? address : address - holder.address + holder.offset;
}

function text(file: Buffer, from: number): string {
  const end = file.indexOf(0, from);
  if (end === -1) throw new RangeError('an ELF file ends within a string');
  return file.toString('latin1', from, end);
}
