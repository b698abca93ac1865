// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { encodeFrame, type Frame, FrameDecoder, type FrameType } from './frame.js';

/** A connection to the supervisor's socket, which carries frames both ways, with back-pressure both ways. */
export class Channel implements AsyncIterable<Frame> {
  /** Aborted when the other side has gone. */
  readonly closed: AbortSignal;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    const closed = new AbortController();
    this.closed = closed.signal;
    socket.once('close', () => {
      closed.abort(new Error('the other side closed the connection'));
    });
    // `close` always follows an error, and that is what we listen to.
    socket.on('error', () => undefined);
  }

  /** Resolves when the frame is handed to the kernel or the other side has gone. */
  async send(type: FrameType, payload: Buffer | string): Promise<void> {
    if (this.closed.aborted || this.#socket.destroyed) return;
    if (this.#socket.write(encodeFrame(type, payload))) return;
    try {
      await once(this.#socket, 'drain', { signal: this.closed });
    } catch {
      // The other side has gone, which `closed` reports.
    }
  }

  /** Sends without waiting. For events, whose reader is never far behind. */
  post(type: FrameType, payload: Buffer | string): void {
    if (!this.closed.aborted && !this.#socket.destroyed) this.#socket.write(encodeFrame(type, payload));
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Bytes that the other side has not read yet. */
  get backlog(): number {
    return this.#socket.writableLength;
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Frame> {
    const decoder = new FrameDecoder();
    for await (const chunk of this.#socket as AsyncIterable<Buffer>) yield* decoder.push(chunk);
  }
}
