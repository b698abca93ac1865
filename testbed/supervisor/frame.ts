// SPDX-License-Identifier: MIT
import { ExitCode } from '../base/error/exit-code.js';
import { TestbedError } from '../base/error/testbed-error.js';

/**
 * The supervisor's socket carries frames: a type byte, the payload's length (32 bit, big-endian), the payload.
 * One connection is one request: the client's first frame is `Request`; `Result` or `Error` is the last that comes
 * back. Closing the connection cancels the request.
 */
export const FrameType = {
  /** client -> supervisor: a {@link Request} as JSON. */
  Request: 1,
  /** supervisor -> client: a TestbedEvent as JSON. */
  Event: 2,
  /** supervisor -> client: the request's answer as JSON. */
  Result: 3,
  /** supervisor -> client: an ErrorRecord as JSON. */
  Error: 4,
  /** client -> supervisor: bytes for standard input; an empty frame is its end. */
  Stdin: 5,
  Stdout: 6,
  Stderr: 7,
  /** client -> supervisor: the terminal's new size as JSON. */
  Resize: 8,
} as const;

export type FrameType = (typeof FrameType)[keyof typeof FrameType];

export interface Frame {
  readonly type: FrameType;
  readonly payload: Buffer;
}

const HEADER_BYTES = 5;

/** Longest payload that is accepted. A plan of some thousand cells is much shorter. */
export const MAX_PAYLOAD = 16 * 1024 * 1024;

/** The socket carried bytes that are not a frame. */
export class FrameError extends TestbedError {
  readonly code = 'E_FRAME';
  readonly exitCode = ExitCode.Internal;

  constructor(what: string) {
    super(`the supervisor's socket carried ${what}`, {
      nextStep: '`npx testbed down` and `up` again: tool and supervisor may be of different versions.',
    });
  }
}

export function encodeFrame(type: FrameType, payload: Buffer | string): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const frame = Buffer.allocUnsafe(HEADER_BYTES + body.length);
  frame.writeUInt8(type, 0);
  frame.writeUInt32BE(body.length, 1);
  body.copy(frame, HEADER_BYTES);
  return frame;
}

const KNOWN_TYPES = new Set<number>(Object.values(FrameType));

/** Cuts a byte stream into frames. Keeps the beginning of a frame until the rest has come. */
export class FrameDecoder {
  #pending: Buffer = Buffer.alloc(0);

  /** @throws FrameError on an unknown type or a payload above {@link MAX_PAYLOAD} */
  *push(chunk: Buffer): Generator<Frame> {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (this.#pending.length >= HEADER_BYTES) {
      const type = this.#pending.readUInt8(0);
      const length = this.#pending.readUInt32BE(1);
      if (!KNOWN_TYPES.has(type)) throw new FrameError(`a frame of unknown type ${type}`);
      if (length > MAX_PAYLOAD) throw new FrameError(`a frame of ${length} bytes`);
      const end = HEADER_BYTES + length;
      if (this.#pending.length < end) return;
      const payload = this.#pending.subarray(HEADER_BYTES, end);
      this.#pending = this.#pending.subarray(end);
      yield { type: type as FrameType, payload };
    }
  }
}
