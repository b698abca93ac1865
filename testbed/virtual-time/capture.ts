// SPDX-License-Identifier: MIT
import { open, type FileHandle } from 'node:fs/promises';

/** A frame of a capture. */
export interface CapturedFrame {
  readonly atNs: number;
  /** Length of the frame as it was sent. The capture may keep less of it. */
  readonly bytes: number;
  readonly content: Buffer;
  /** Where its record ends in the file. */
  readonly endOffset: number;
}

/** Sizes in the format that lockstep/capture.c writes: pcap with nanoseconds, in this machine's byte order. */
const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const CHUNK_BYTES = 1024 * 1024;

/** Yields the frames of a capture in order. A last frame that was cut off is left out. */
export async function* readCapture(path: string): AsyncGenerator<CapturedFrame> {
  const file = await open(path, 'r');
  try {
    let [chunk, offset] = [Buffer.alloc(0), FILE_HEADER_BYTES];
    for (;;) {
      const frame = frameAt(chunk, offset);
      if (frame !== undefined) {
        chunk = chunk.subarray(frame.endOffset - offset);
        offset = frame.endOffset;
        yield frame;
        continue;
      }
      const more = await readAt(file, offset + chunk.length);
      if (more.length === 0) return;
      chunk = Buffer.concat([chunk, more]);
    }
  } finally {
    await file.close();
  }
}

async function readAt(file: FileHandle, position: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, position);
  return buffer.subarray(0, bytesRead);
}

function frameAt(chunk: Buffer, offset: number): CapturedFrame | undefined {
  if (chunk.length < RECORD_HEADER_BYTES) return undefined;
  const end = RECORD_HEADER_BYTES + chunk.readUInt32LE(8);
  if (chunk.length < end) return undefined;
  return {
    atNs: chunk.readUInt32LE(0) * 1e9 + chunk.readUInt32LE(4),
    bytes: chunk.readUInt32LE(12),
    content: chunk.subarray(RECORD_HEADER_BYTES, end),
    endOffset: offset + end,
  };
}

/** Cuts off frames sent after an instant. How far guests get before they are ended depends on the host. */
export async function cutCapture(path: string, afterNs: number): Promise<void> {
  let end = FILE_HEADER_BYTES;
  for await (const frame of readCapture(path)) {
    if (frame.atNs > afterNs) break;
    end = frame.endOffset;
  }
  const file = await open(path, 'r+');
  try {
    await file.truncate(end);
  } finally {
    await file.close();
  }
}
