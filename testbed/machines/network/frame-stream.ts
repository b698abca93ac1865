// SPDX-License-Identifier: MIT

/**
 * Ethernet frames on a byte stream as QEMU's `-netdev stream` writes them: the length (32 bit, big-endian), then the
 * frame (net/stream.c of QEMU 7.2).
 */
const LENGTH_BYTES = 4;

/** QEMU's NET_BUFSIZE, the length of its longest frame. */
export const MAX_FRAME = 4096 + 65536;

/** A length that QEMU cannot have written. */
export class FrameLengthError extends Error {
  constructor(length: number) {
    super(`a frame of ${length} bytes`);
  }
}

export function frameHeader(frame: Buffer): Buffer {
  const header = Buffer.allocUnsafe(LENGTH_BYTES);
  header.writeUInt32BE(frame.length);
  return header;
}

/** Cuts the stream into frames. It keeps at most one frame that is not whole yet. */
export class FrameStream {
  #pending: Buffer = Buffer.alloc(0);

  /** @throws FrameLengthError on a length of 0 or above {@link MAX_FRAME} */
  push(chunk: Buffer): readonly Buffer[] {
    let rest = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const frames: Buffer[] = [];
    while (rest.length >= LENGTH_BYTES) {
      const length = rest.readUInt32BE(0);
      if (length === 0 || length > MAX_FRAME) throw new FrameLengthError(length);
      if (rest.length < LENGTH_BYTES + length) break;
      frames.push(rest.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
      rest = rest.subarray(LENGTH_BYTES + length);
    }
    this.#pending = rest;
    return frames;
  }
}
