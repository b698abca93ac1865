// SPDX-License-Identifier: MIT
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Snapshot } from '../../api/watch/snapshot.js';
import type { Paths } from '../../base/host/paths.js';

/** Nothing else is served. */
const FILES: ReadonlyMap<string, readonly [file: string, type: string]> = new Map([
  ['', ['index.html', 'text/html']],
  ['page.css', ['page.css', 'text/css']],
  ['page.js', ['page.js', 'text/javascript']],
  ['page-map.js', ['page-map.js', 'text/javascript']],
]);

const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** A browser that has this many bytes unread is given no new snapshot. */
const BACKLOG = 2 ** 20;

/**
 * A page of this machine only, which shows snapshots as they come. It listens on 127.0.0.1, and answers nobody that does
 * not know the token in its address, or that calls it by another name: a page of another site cannot read it.
 */
export class PageServer implements AsyncDisposable {
  readonly #token = randomBytes(16).toString('hex');
  readonly #readers = new Set<ServerResponse>();
  readonly #server: Server;
  #last: string | undefined;

  private constructor(readonly folder: string) {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((thrown: unknown) => response.destroy(thrown as Error));
    });
  }

  static async open({ project }: Pick<Paths, 'project'>): Promise<PageServer> {
    const server = new PageServer(join(project, 'testbed', 'cli', 'browser', 'page'));
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  /** For a browser. Whoever knows it can read the page. */
  get url(): string {
    return `http://${this.#host}/${this.#token}/`;
  }

  show(snapshot: Snapshot): void {
    this.#last = `data: ${JSON.stringify(snapshot)}\n\n`;
    for (const reader of this.#readers) if (reader.writableLength < BACKLOG) reader.write(this.#last);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  get #host(): string {
    return `127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  async #answer({ method, headers, url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, token = '', name, ...more] = url.split('/');
    const file = FILES.get(name ?? '-');
    if (headers.host !== this.#host || !this.#knows(token) || more.length > 0) refuse(response, 404);
    else if (method !== 'GET') refuse(response, 405);
    else if (name === 'snapshots') this.#stream(response);
    else if (file === undefined) refuse(response, 404);
    else {
      const text = await readFile(join(this.folder, file[0]));
      response.writeHead(200, { ...HEADERS, 'Content-Type': `${file[1]}; charset=utf-8` }).end(text);
    }
  }

  #knows(token: string): boolean {
    const [given, right] = [Buffer.from(token), Buffer.from(this.#token)];
    return given.length === right.length && timingSafeEqual(given, right);
  }

  /** Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html. */
  #stream(response: ServerResponse): void {
    response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream' });
    response.write(`retry: 1000\n\n${this.#last ?? ''}`);
    this.#readers.add(response);
    response.on('close', () => this.#readers.delete(response));
  }
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, HEADERS).end();
}
