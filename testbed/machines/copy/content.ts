// SPDX-License-Identifier: MIT
import type { OpenFile } from './files.js';

/** Bytes that one request moves, and the requests that are under way for one file. */
const CHUNK_BYTES = 64 * 1024;
const CHUNKS_AT_ONCE = 8;

const ZEROS = Buffer.alloc(CHUNK_BYTES);

export interface ContentOptions {
  /** Size of the source when it was listed. */
  readonly size: number;
  /** Whether zeros need not be written. True for a new target, where a hole reads as zeros. */
  readonly holes: boolean;
  /** Called after each chunk with the number of its bytes. An error that it throws ends the copy. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Copies a file's content, several chunks at once.
 * @returns the number of bytes copied: fewer than `size` when the source ended early
 */
export async function copyContent(
  source: Pick<OpenFile, 'read'>,
  target: Pick<OpenFile, 'write' | 'setSize'>,
  { size, holes, onBytes }: ContentOptions,
): Promise<number> {
  let next = 0;
  // A file with a size of 0 can be one of /proc, which has content all the same. Only reading it tells.
  let end = size === 0 ? Infinity : size;
  let skippedBytes = 0;
  const worker = async (): Promise<void> => {
    while (next < end) {
      const from = next;
      const to = Math.min(from + CHUNK_BYTES, end);
      next = to;
      for (let at = from; at < to;) {
        const bytes = await source.read(to - at, at);
        if (bytes.length === 0) {
          end = Math.min(end, at);
          return;
        }
        if (holes && bytes.equals(ZEROS.subarray(0, bytes.length))) skippedBytes += bytes.length;
        else await target.write(bytes, at);
        onBytes(bytes.length);
        at += bytes.length;
      }
    }
  };
  const workers = Math.ceil(Math.min(size / CHUNK_BYTES, CHUNKS_AT_ONCE));
  await Promise.all(Array.from({ length: Math.max(workers, 1) }, worker));
  if (skippedBytes > 0) await target.setSize(end);
  return end;
}
