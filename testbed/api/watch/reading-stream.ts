// SPDX-License-Identifier: MIT
import type { Clock } from '../../base/clock/clock.js';
import type { ExecOptions, RemoteFinished } from '../../machines/ssh/session.js';
import type { Command } from '../node/testbed-node.js';
import type { ReadNode } from './join-processes.js';
import { JsonLines } from './json-lines.js';
import { type NodeReading, parseReading } from './node-reading.js';

/** What a stream asks of a node. */
export interface WatchedNode {
  readonly name: string;
  exec(command: Command, options: ExecOptions): Promise<RemoteFinished>;
}

/** Runs `elastic watch` on one node, and keeps the last two readings. Disposal ends it there. */
export class ReadingStream implements AsyncDisposable {
  readonly #left = new AbortController();
  readonly #lines = new JsonLines();
  readonly #running: Promise<void>;
  #latest: NodeReading | undefined;
  #before: NodeReading | undefined;
  #readAt = 0;
  #ended: string | undefined;

  constructor(
    readonly node: WatchedNode,
    readonly clock: Clock,
    everyMs: number,
    signal: AbortSignal,
  ) {
    this.#running = this.#run(everyMs, AbortSignal.any([signal, this.#left.signal]));
  }

  /** Why it has ended; undefined while it goes on. */
  get ended(): string | undefined {
    return this.#ended;
  }

  /** Undefined before the first reading, and when the node cannot be read any more. */
  get read(): ReadNode | undefined {
    if (this.#latest === undefined || this.#ended !== undefined) return undefined;
    const before = this.#before === undefined ? {} : { before: this.#before };
    const ageMs = Math.round(this.clock.now() - this.#readAt);
    return { name: this.node.name, latest: this.#latest, ...before, ageMs };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#left.abort();
    await this.#running;
  }

  async #run(everyMs: number, signal: AbortSignal): Promise<void> {
    try {
      const command: Command = ['elastic', 'watch', '--every', String(everyMs)];
      let said = '';
      const { code } = await this.node.exec(command, {
        signal,
        onStdout: (chunk) => {
          this.#take(chunk);
        },
        onStderr: (chunk) => {
          said = `${said}${String(chunk)}`.slice(-1000);
        },
        keep: 'discard',
      });
      this.#ended = said.trim() || `elastic watch ended with status ${String(code)}`;
    } catch (thrown) {
      this.#ended = thrown instanceof Error ? thrown.message : String(thrown);
    }
  }

  #take(chunk: Buffer): void {
    for (const line of this.#lines.push(chunk)) {
      const reading = parseReading(line);
      this.#before = this.#latest;
      this.#latest = reading;
      this.#readAt = this.clock.now();
    }
  }
}
