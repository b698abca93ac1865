// SPDX-License-Identifier: MIT
import type { Connection } from './connection.js';
import { RemoteError } from './errors.js';

/** Number of unused connections that are kept. Each is a process on the node. */
const IDLE_LIMIT = 3;

interface Waiter {
  readonly resolve: (connection: Connection) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Connections to one node, each lent to one command at a time. dropbear would run several commands on one connection.
 * But when one of them ends, version 2022.83 closes every open channel that has not received its command yet, then
 * crashes on that command, and all other commands end with it. One spare connection is kept, to kill what runs on the
 * others even when the node is too busy to take new connections.
 */
export class ConnectionPool implements AsyncDisposable {
  readonly #node: string;
  readonly #dial: (signal: AbortSignal) => Promise<Connection>;
  readonly #open = new Set<Connection>();
  readonly #idle: Connection[] = [];
  readonly #waiting: Waiter[] = [];
  readonly #closing = new AbortController();
  #dialling: Promise<void> | undefined;

  /** @param dial makes a further connection. Its errors go to the borrowers. */
  constructor(first: Connection, dial: (signal: AbortSignal) => Promise<Connection>) {
    this.#node = first.node;
    this.#dial = dial;
    this.#adopt(first);
  }

  /** An open connection that nobody else uses until it is released. */
  async borrow(): Promise<Connection> {
    if (this.#closing.signal.aborted) throw this.#closed();
    const idle = this.#takeIdle();
    const borrowed =
      idle ??
      new Promise<Connection>((resolve, reject) => {
        this.#waiting.push({ resolve, reject });
      });
    this.#dialWhereNeeded();
    return await borrowed;
  }

  /** Returns a connection to the pool, broken or not. */
  release(connection: Connection): void {
    if (!connection.open || this.#closing.signal.aborted) return;
    const waiter = this.#waiting.shift();
    if (waiter !== undefined) waiter.resolve(connection);
    else if (this.#idle.length < IDLE_LIMIT) this.#idle.push(connection);
    else void connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(this.#closed());
    for (const { reject } of this.#waiting.splice(0)) reject(this.#closed());
    await this.#dialling;
    await Promise.all([...this.#open].map(async (connection) => connection.close()));
  }

  #takeIdle(): Connection | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) if (idle.open) return idle;
    return undefined;
  }

  #adopt(connection: Connection): void {
    this.#open.add(connection);
    void connection.ended.then(() => this.#open.delete(connection));
    this.release(connection);
  }

  /** Makes one connection at a time. dropbear allows five that have not logged in, and each needs a key exchange. */
  #dialWhereNeeded(): void {
    const spareWanted = this.#idle.length === 0;
    if (this.#dialling !== undefined || !(spareWanted || this.#waiting.length > 0)) return;
    this.#dialling = this.#dialOne();
  }

  async #dialOne(): Promise<void> {
    const { signal } = this.#closing;
    try {
      const connection = await this.#dial(signal);
      this.#adopt(connection);
    } catch (thrown) {
      // Without a borrower the connection was only a spare, so this is not an error.
      this.#waiting.shift()?.reject(thrown);
    }
    this.#dialling = undefined;
    if (this.#waiting.length > 0 && !signal.aborted) this.#dialWhereNeeded();
  }

  #closed(): RemoteError {
    return new RemoteError(this.#node, 'the session was closed');
  }
}
