// SPDX-License-Identifier: MIT
import { createWriteStream, type WriteStream } from 'node:fs';
import type { EventSink, TestbedEvent } from './event.js';

/** When more bytes of events than this wait for the disk, further events are dropped and counted. */
const BACKLOG_LIMIT = 4 * 1024 * 1024;

/**
 * Appends every event to a file, one JSON object on each line. Console lines are left out: each node's console has
 * a log of its own.
 */
export class Journal implements AsyncDisposable {
  readonly #stream: WriteStream;
  #dropped = 0;

  constructor(path: string) {
    this.#stream = createWriteStream(path, { flags: 'a' });
    // A full disk must not end the testbed. Dropped events are counted.
    this.#stream.on('error', () => {
      this.#dropped += 1;
    });
  }

  readonly sink: EventSink = (event: TestbedEvent) => {
    if (event.type === 'console-line') return;
    if (this.#stream.writableLength > BACKLOG_LIMIT || this.#stream.destroyed) {
      this.#dropped += 1;
      return;
    }
    this.#stream.write(`${JSON.stringify(event)}\n`);
  };

  get dropped(): number {
    return this.#dropped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#stream.end(resolve);
      this.#stream.once('error', () => {
        resolve();
      });
    });
  }
}
