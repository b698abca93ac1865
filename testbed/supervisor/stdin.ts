// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { type Frame, FrameType } from './frame.js';
import type { Terminal } from './protocol.js';

type Size = Pick<Terminal, 'rows' | 'columns'>;

/** Yields the client's standard input: the payloads of its Stdin frames, up to the empty one. */
export async function* stdinOf(
  frames: AsyncIterator<Frame>,
  onResize?: (size: Size) => void,
): AsyncGenerator<Buffer> {
  for (;;) {
    const next = await frames.next();
    if (next.done === true) return;
    const { type, payload } = next.value;
    if (type === FrameType.Resize) onResize?.(JSON.parse(payload.toString()) as Size);
    if (type !== FrameType.Stdin) continue;
    if (payload.length === 0) return;
    yield payload;
  }
}

/** Writes the client's standard input to a stream, no faster than it takes it. */
export async function typeInto(
  stream: Writable,
  frames: AsyncIterator<Frame>,
  onResize: (size: Size) => void,
): Promise<void> {
  for await (const chunk of stdinOf(frames, onResize)) {
    if (stream.destroyed) return;
    if (!stream.write(chunk)) await once(stream, 'drain');
  }
}
