// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Writes chunks to a stream no faster than it takes them. */
export function writeTo(stream: Writable): (chunk: Buffer) => Promise<void> {
  return async (chunk) => {
    if (!stream.write(chunk)) await once(stream, 'drain');
  };
}
