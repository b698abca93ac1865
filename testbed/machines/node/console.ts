// SPDX-License-Identifier: MIT
import { Duplex, type Readable, type Writable } from 'node:stream';
import type { Clock } from '../../base/clock/clock.js';
import type { EventSink } from '../../base/event/event.js';
import { ConsoleLog } from './console-log.js';
import { LineSplitter } from './line-splitter.js';

/** Lines kept in memory. */
const TAIL_LINES = 400;

/** Console lines that become events in one second. The log has all lines. */
const EVENTS_A_SECOND = 500;

/** Bytes that an onlooker may lag behind before some are dropped. */
const ONLOOKER_BYTES = 1024 * 1024;

export interface ConsoleOptions {
  readonly node: string;
  readonly logPath: string;
  readonly clock: Clock;
  readonly events: EventSink;
  /** Every whole line, as it comes. */
  readonly onLine: (line: string) => void;
}

/**
 * A guest's serial console. It is logged and watched from the first byte to the last, while any number of onlookers read
 * and type. The memory it needs does not depend on what the guest prints.
 */
export class SerialConsole {
  readonly log: ConsoleLog;
  /** Resolves when the guest's side has ended and everything it wrote has been read. */
  readonly ended: Promise<void>;
  readonly #options: ConsoleOptions;
  readonly #input: Writable;
  readonly #splitter = new LineSplitter();
  readonly #onlookers = new Set<Duplex>();
  #tail: string[] = [];
  #quota = { second: 0, used: 0, withheld: 0 };
  #lastByteAt: number;

  constructor(output: Readable, input: Writable, options: ConsoleOptions) {
    this.#options = options;
    this.#input = input;
    this.#lastByteAt = options.clock.now();
    this.log = new ConsoleLog(options.logPath, options);
    this.ended = new Promise((resolve) => {
      output.on('data', (chunk: Buffer) => {
        this.#receive(chunk);
      });
      output.once('close', () => {
        this.#end();
        resolve();
      });
    });
    // The guest's end is reported separately, so errors of reading and typing are ignored.
    output.on('error', () => undefined);
    input.on('error', () => undefined);
  }

  /** When the guest last wrote, in milliseconds of the clock. */
  get lastByteAt(): number {
    return this.#lastByteAt;
  }

  /** The last lines, oldest first, and the unfinished one if there is any. */
  tail(lines: number): readonly string[] {
    const { partial } = this.#splitter;
    return (partial === '' ? this.#tail : [...this.#tail, partial]).slice(-lines);
  }

  /** Adds a line about the guest that did not come from it. */
  note(line: string): void {
    this.#keep([line]);
  }

  /** A stream of what the guest writes from now on. What is written to it is typed. Closing it does not end the console. */
  open(): Duplex {
    const onlooker = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        if (!this.#input.writable) {
          done();
          return;
        }
        this.#input.write(chunk, () => {
          done();
        });
      },
      destroy: (error, done) => {
        this.#onlookers.delete(onlooker);
        done(error);
      },
    });
    this.#onlookers.add(onlooker);
    return onlooker;
  }

  #receive(chunk: Buffer): void {
    this.#lastByteAt = this.#options.clock.now();
    this.#take(this.#splitter.push(chunk));
    for (const onlooker of this.#onlookers) {
      if (onlooker.readableLength < ONLOOKER_BYTES) onlooker.push(chunk);
    }
  }

  #take(lines: readonly string[]): void {
    this.#keep(lines);
    for (const line of lines) {
      this.#options.onLine(line);
      this.#announce(line);
    }
  }

  #keep(lines: readonly string[]): void {
    this.log.write(lines);
    this.#tail.push(...lines.slice(-TAIL_LINES));
    if (this.#tail.length > 2 * TAIL_LINES) this.#tail = this.#tail.slice(-TAIL_LINES);
  }

  /** A guest that floods its console must not flood the readers of events. */
  #announce(line: string): void {
    const { clock, events, node } = this.#options;
    const at = clock.now();
    const second = Math.floor(at / 1000);
    if (second !== this.#quota.second) {
      const { withheld } = this.#quota;
      this.#quota = { second, used: 0, withheld: 0 };
      if (withheld > 0) {
        events({ type: 'console-line', at, node, line: `(${withheld} more lines in the log)` });
      }
    }
    if (this.#quota.used < EVENTS_A_SECOND) {
      this.#quota.used++;
      events({ type: 'console-line', at, node, line });
    } else {
      this.#quota.withheld++;
    }
  }

  #end(): void {
    this.#take(this.#splitter.end());
    this.log.close();
    for (const onlooker of this.#onlookers) onlooker.push(null);
    this.#onlookers.clear();
  }
}
