// SPDX-License-Identifier: MIT
import { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { channelEnd, UNNAMED_SIGNAL } from './channel-end.js';
import type { Connection } from './connection.js';
import type { RemoteExit } from './session.js';

/**
 * A remote terminal as a byte stream. It has a connection of its own and ends it, since dropbear hangs up a terminal's
 * programs only when the connection ends, not when the channel is closed.
 */
export class RemoteTerminal extends Duplex {
  /** Rejects with a RemoteError when the connection breaks first. */
  readonly exit: Promise<RemoteExit>;
  readonly #connection: Connection;
  readonly #channel: ClientChannel;

  constructor(connection: Connection, channel: ClientChannel) {
    super({ allowHalfOpen: true });
    this.#connection = connection;
    this.#channel = channel;
    this.exit = this.#end();
    // For those who only read the stream, a broken connection is its end.
    this.exit.catch(() => undefined);
    channel.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) channel.pause();
    });
    // Not when the output ends: whoever reads the stream to its end destroys it, and dropbear may not have sent the exit
    // status yet.
    channel.once('close', () => {
      this.push(null);
    });
    channel.stderr.resume();
  }

  /** Tells the remote side of a new size, in characters. */
  resize(rows: number, columns: number): void {
    this.#channel.setWindow(rows, columns, 0, 0);
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    // A closed channel would never call back. What is typed into a terminal that has ended is dropped.
    if (this.#channel.writable) this.#channel.write(chunk, encoding, callback);
    else callback();
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#channel.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#channel.resume();
    void this.#connection.close();
    callback(error);
  }

  async #end(): Promise<RemoteExit> {
    const exit = await channelEnd(this.#channel);
    if (exit === undefined && !this.#connection.open) throw this.#connection.lost('a terminal was open');
    void this.#connection.close();
    return exit ?? { code: undefined, signal: UNNAMED_SIGNAL };
  }
}
