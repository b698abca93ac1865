// SPDX-License-Identifier: MIT
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import type { Clock } from '../../base/clock/clock.js';
import type { EventSink } from '../../base/event/event.js';

/** At this size the log is renamed to `console.log.1`, which is replaced. So the newest lines are kept. */
const ROTATE_BYTES = 64 * 1024 * 1024;

/**
 * A console's log. Each line begins with the host's time (ISO 8601, UTC). It is written at once and synchronously: a chunk
 * takes microseconds, memory does not grow whatever the guest prints, and nothing is lost when this process is killed.
 */
export class ConsoleLog {
  readonly #where: { readonly clock: Clock; readonly events: EventSink };
  #fd: number | undefined;
  #bytes: number;

  /** Appends to the log, so that it keeps what a node printed before a reboot. */
  constructor(
    readonly path: string,
    where: { readonly clock: Clock; readonly events: EventSink },
  ) {
    this.#where = where;
    this.#fd = openSync(path, 'a');
    this.#bytes = fstatSync(this.#fd).size;
  }

  write(lines: readonly string[]): void {
    if (this.#fd === undefined || lines.length === 0) return;
    const time = this.#where.clock.date().toISOString();
    const text = Buffer.from(lines.map((line) => `${time} ${line}\n`).join(''));
    try {
      if (this.#bytes + text.length > ROTATE_BYTES) this.#fd = this.#rotate();
      this.#bytes += text.length;
      writeFully(this.#fd, text);
    } catch (thrown) {
      this.#giveUp(thrown as Error);
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #rotate(): number {
    this.close();
    renameSync(this.path, `${this.path}.1`);
    this.#bytes = 0;
    return openSync(this.path, 'w');
  }

  /** A full disk must not end the guest. Console lines are still watched. */
  #giveUp(error: Error): void {
    this.close();
    const text = `${this.path} is no longer written: ${error.message}`;
    const { clock, events } = this.#where;
    events({ type: 'notice', at: clock.now(), level: 'warning', text });
  }
}

function writeFully(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}
