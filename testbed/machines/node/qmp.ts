// SPDX-License-Identifier: MIT
import type { Duplex } from 'node:stream';
import { QmpClosedError, QmpError } from './errors.js';

/** No answer is longer than this. The longest, that of query-qmp-schema, has 200 KiB. */
const MAX_MESSAGE = 4 * 1024 * 1024;

/** An event of QEMU, such as SHUTDOWN, STOP, RESET, GUEST_PANICKED. */
export interface QmpEvent {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface Pending {
  readonly command: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

interface Message {
  readonly QMP?: unknown;
  readonly event?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly id?: number;
  readonly return?: unknown;
  readonly error?: { readonly class: string; readonly desc: string };
}

/**
 * A client of QEMU's machine protocol over a connected stream (docs/interop/qmp-spec of QEMU). Several commands may be
 * under way. Answers are matched to them by their ids.
 */
export class QmpClient {
  readonly #stream: Duplex;
  readonly #onEvent: (event: QmpEvent) => void;
  readonly #pending = new Map<number, Pending>();
  readonly #greeting: Promise<void>;
  #greeted: Omit<Pending, 'command'> | undefined;
  #closed: QmpClosedError | undefined;
  #parts: Buffer[] = [];
  #bytes = 0;
  #nextId = 1;

  private constructor(stream: Duplex, onEvent: (event: QmpEvent) => void) {
    this.#stream = stream;
    this.#onEvent = onEvent;
    this.#greeting = new Promise((resolve, reject) => {
      this.#greeted = {
        resolve: () => {
          resolve();
        },
        reject,
      };
    });
    this.#greeting.catch(() => undefined);
    stream.on('data', (chunk: Buffer) => {
      this.#receive(chunk);
    });
    stream.on('error', (error) => {
      this.#close(error.message);
    });
    stream.on('close', () => {
      this.#close('QEMU has ended');
    });
    stream.on('end', () => {
      this.#close('QEMU has ended');
    });
  }

  /**
   * Waits for the greeting and negotiates capabilities.
   * @throws QmpClosedError when the stream ends first or does not speak QMP
   */
  static async connect(stream: Duplex, onEvent: (event: QmpEvent) => void): Promise<QmpClient> {
    const client = new QmpClient(stream, onEvent);
    await client.#greeting;
    await client.execute('qmp_capabilities');
    return client;
  }

  /**
   * @returns QEMU's answer, as described in its schema; `{}` for most commands
   * @throws QmpError when QEMU refuses
   * @throws QmpClosedError when the connection ends before the answer
   */
  async execute(command: string, argument?: Readonly<Record<string, unknown>>): Promise<unknown> {
    if (this.#closed !== undefined) throw this.#closed;
    const id = this.#nextId++;
    const answer = new Promise((resolve, reject) => {
      this.#pending.set(id, { command, resolve, reject });
    });
    this.#stream.write(`${JSON.stringify({ execute: command, arguments: argument, id })}\n`);
    return await answer;
  }

  close(): void {
    this.#close('closed by the testbed');
  }

  #receive(chunk: Buffer): void {
    let rest = chunk;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      this.#parts.push(rest.subarray(0, end));
      const line = Buffer.concat(this.#parts).toString();
      this.#parts = [];
      this.#bytes = 0;
      rest = rest.subarray(end + 1);
      this.#handle(line);
    }
    this.#parts.push(rest);
    this.#bytes += rest.length;
    if (this.#bytes > MAX_MESSAGE) this.#close(`a message of more than ${MAX_MESSAGE} bytes`);
  }

  #handle(line: string): void {
    if (line.trim() === '' || this.#closed !== undefined) return;
    const message = parse(line);
    if (message === undefined) {
      this.#close(`not QMP: ${line.slice(0, 200)}`);
    } else if (message.QMP !== undefined) {
      this.#greeted?.resolve(undefined);
    } else if (message.event !== undefined) {
      this.#onEvent({ name: message.event, data: message.data ?? {} });
    } else {
      this.#settle(message);
    }
  }

  #settle({ id, return: value, error }: Message): void {
    const pending = this.#pending.get(id ?? 0);
    if (pending === undefined) return;
    this.#pending.delete(id ?? 0);
    if (error === undefined) pending.resolve(value);
    else pending.reject(new QmpError(pending.command, error.class, error.desc));
  }

  #close(why: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = new QmpClosedError(why);
    this.#parts = [];
    this.#greeted?.reject(this.#closed);
    for (const { reject } of this.#pending.values()) reject(this.#closed);
    this.#pending.clear();
    this.#stream.destroy();
  }
}

function parse(line: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
