// SPDX-License-Identifier: MIT
import type { Readable } from 'node:stream';
import type { ExecOptions } from './session.js';

/** Bytes of one stream's output that are kept for a result. More is an error, since it would fill the memory. */
export const OUTPUT_LIMIT = 32 * 1024 * 1024;

/** Bytes of output that are kept for an error's excerpt when the output itself is not kept. */
const TAIL_BYTES = 8 * 1024;

/** What happens to one of a command's two output streams. */
export interface OutputPolicy {
  readonly keep: NonNullable<ExecOptions['keep']>;
  readonly onChunk: ExecOptions['onStdout'];
  /** Called when there is more output than may be kept, or when `onChunk` has failed. */
  readonly onFailure: (failure: 'too long' | Error) => void;
}

/** One output stream of a remote command, read no faster than its consumer takes it. */
export class RemoteOutput {
  readonly #policy: OutputPolicy;
  readonly #stream: Readable;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #abandoned = false;
  #taken: Promise<void> = Promise.resolve();

  /** @param strip removes from a chunk what is not the command's own output */
  constructor(stream: Readable, policy: OutputPolicy, strip = (chunk: Buffer): Buffer => chunk) {
    this.#policy = policy;
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => {
      const own = strip(chunk);
      if (own.length > 0 && !this.#abandoned) this.#take(own);
    });
  }

  /** The output that was kept, as UTF-8: all of it, or with `discard` the last few kilobytes. */
  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }

  /** Resolves when the consumer has handled all output so far. The end of a stream does not wait for that. */
  get taken(): Promise<void> {
    return this.#taken;
  }

  /** Reads to the end and drops what is read. */
  abandon(): void {
    this.#abandoned = true;
    this.#stream.resume();
  }

  #take(chunk: Buffer): void {
    this.#remember(chunk);
    const taken = this.#policy.onChunk?.(chunk);
    if (taken === undefined) return;
    this.#stream.pause();
    this.#taken = taken.then(
      () => {
        this.#stream.resume();
      },
      (thrown: unknown) => {
        this.#policy.onFailure(thrown as Error);
      },
    );
  }

  #remember(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#policy.keep === 'buffer' && this.#bytes <= OUTPUT_LIMIT) return;
    if (this.#policy.keep === 'buffer') this.#policy.onFailure('too long');
    this.#forgetAllBut(TAIL_BYTES);
  }

  #forgetAllBut(bytes: number): void {
    for (let first = this.#chunks[0]; first !== undefined; first = this.#chunks[0]) {
      if (this.#bytes - first.length < bytes) return;
      this.#bytes -= first.length;
      this.#chunks.shift();
    }
  }
}
