// SPDX-License-Identifier: MIT
import type { Socket } from 'node:net';
import type { Clock } from '../../base/clock/clock.js';
import type { Client, ClientChannel, PseudoTtyOptions, SFTPWrapper } from 'ssh2';
import { RemoteError } from './errors.js';

/** Time for the server to close the connection before the socket is destroyed. */
const FAREWELL_MS = 500;

/** An authenticated connection to a node's ssh server. */
export class Connection {
  /** Resolves when the connection has ended, for whatever reason; never rejects. */
  readonly ended: Promise<void>;
  #open = true;
  #failure: Error | undefined;
  readonly #client: Client;
  readonly #socket: Socket;

  constructor(
    readonly node: string,
    readonly clock: Clock,
    client: Client,
    socket: Socket,
  ) {
    this.#client = client;
    this.#socket = socket;
    client.on('error', (error) => {
      this.#failure ??= error;
    });
    this.ended = new Promise((resolve) => {
      client.once('close', () => {
        this.#open = false;
        resolve();
      });
    });
  }

  get open(): boolean {
    return this.#open;
  }

  /** The error for a connection that is broken. */
  lost(doing: string): RemoteError {
    const why = this.#failure === undefined ? '' : ` (${this.#failure.message})`;
    return new RemoteError(this.node, `the ssh connection broke${why} while ${doing}`, {
      cause: this.#failure,
    });
  }

  /**
   * Starts a command line in the remote login shell, or with `undefined` that shell itself.
   * @throws RemoteError when the connection is broken or the server refuses
   */
  async start(commandLine: string | undefined, terminal?: PseudoTtyOptions): Promise<ClientChannel> {
    if (!this.#open) throw this.lost('starting a command');
    return await new Promise((resolve, reject) => {
      const answer = (error: Error | undefined, channel: ClientChannel): void => {
        if (error === undefined) resolve(channel);
        else if (this.#open) reject(this.#refusal(error));
        else reject(this.lost('starting a command'));
      };
      if (commandLine === undefined) this.#client.shell(terminal ?? false, answer);
      else this.#client.exec(commandLine, terminal === undefined ? {} : { pty: terminal }, answer);
    });
  }

  /** Starts the node's SFTP server. @throws RemoteError when the connection is broken or there is no such server */
  async sftp(): Promise<SFTPWrapper> {
    if (!this.#open) throw this.lost('starting a copy');
    return await new Promise((resolve, reject) => {
      this.#client.sftp((error, sftp) => {
        if (error === undefined) {
          // When the server breaks the protocol, the requests under way fail and report it.
          sftp.on('error', () => undefined);
          resolve(sftp);
        } else if (this.#open) reject(this.#refusal(error));
        else reject(this.lost('starting a copy'));
      });
    });
  }

  /** Ends the connection and everything that runs on it at once. */
  drop(): void {
    this.#socket.destroy();
  }

  /** Ends the connection in order. A server that does not answer is not waited for. */
  async close(): Promise<void> {
    if (!this.#open) return;
    this.#client.end();
    const timer = new AbortController();
    const late = this.clock.sleep(FAREWELL_MS, timer.signal).then(
      () => {
        // The client's own destroy() does nothing to a socket that is already ending, and would wait for a hung guest.
        this.#socket.destroy();
      },
      () => undefined,
    );
    await this.ended;
    timer.abort();
    await late;
  }

  #refusal(error: Error): RemoteError {
    return new RemoteError(this.node, `ssh refuses to start a command: ${error.message}`, { cause: error });
  }
}
