// SPDX-License-Identifier: MIT
import type { Writable } from 'node:stream';

/** Writes chunks to a stream no faster than it takes them. The returned function rejects when the stream has failed. */
export function writeTo(stream: Writable): (chunk: Buffer) => Promise<void> {
  return async (chunk) =>
    new Promise((resolve, reject) => {
      stream.write(chunk, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
}
