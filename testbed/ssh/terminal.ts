// SPDX-License-Identifier: MIT
import { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import type { Connection } from './connection.js';
import { UNNAMED_SIGNAL } from './remote-command.js';
import type { RemoteExit } from './session.js';

/** A remote terminal as a byte stream. Destroying it hangs up: what runs in it gets SIGHUP. */
export class RemoteTerminal extends Duplex {
  /** Rejects with a RemoteError when the connection breaks first. */
  readonly exit: Promise<RemoteExit>;
  readonly #channel: ClientChannel;

  constructor(connection: Connection, channel: ClientChannel) {
    super({ allowHalfOpen: true });
    this.#channel = channel;
    this.exit = this.#end(connection);
    // Whoever only reads the stream learns of a broken connection by its end.
    this.exit.catch(() => undefined);
    channel.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) channel.pause();
    });
    channel.once('end', () => {
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
    this.#channel.write(chunk, encoding, callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#channel.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#channel.resume();
    this.#channel.close();
    callback(error);
  }

  async #end(connection: Connection): Promise<RemoteExit> {
    let exit: RemoteExit | undefined;
    this.#channel.once('exit', (code: number | null, signal?: string) => {
      exit = code === null ? { code: undefined, signal } : { code, signal: undefined };
    });
    await new Promise<void>((resolve) => {
      this.#channel.once('close', resolve);
    });
    if (exit !== undefined) return exit;
    if (connection.open) return { code: undefined, signal: UNNAMED_SIGNAL };
    throw connection.lost('a terminal was open');
  }
}
