// SPDX-License-Identifier: MIT
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import type { Clock } from '../../base/clock/clock.js';
import type { EventSink } from '../../base/event/event.js';

/** Size at which the log is set aside as `console.log.1`, in place of the one before: the newest lines are kept. */
const ROTATE_BYTES = 64 * 1024 * 1024;

/**
 * A console's log: a line each, with the host's time in front (ISO 8601, UTC). Written at once and synchronously: a
 * chunk takes microseconds, nothing piles up in memory whatever the guest prints, and nothing is lost when we are killed.
 */
export class ConsoleLog {
  readonly #where: { readonly clock: Clock; readonly events: EventSink };
  #fd: number | undefined;
  #bytes: number;

  /** Goes on where the log ends: a node that is rebooted keeps what it said before. */
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

  /** A full disk must not take the guest along: what is watched for is still seen. */
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
