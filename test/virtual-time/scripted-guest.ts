// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';

/** As in testbed/virtual-time/lockstep/wire.h. */
const HELLO = 1;
const FRAME = 2;
const CONSOLE = 3;
const STOPPED = 5;
const PAUSED = 6;
const RUN = 7;
const VERSION = 2;
const HEADER_BYTES = 16;
export const NEVER = 2n ** 63n - 1n;

export interface Arrival {
  readonly at: number;
  readonly frame: Buffer;
}

/** A frame to send, or a line to print, at an instant. */
export interface Deed {
  readonly at: number;
  readonly frame?: Buffer;
  readonly line?: string;
}

/**
 * A guest without a QEMU: speaks to the coordinator as the plugin does, and does what it is told when its time has come.
 */
export class ScriptedGuest {
  /** What has arrived, in order. */
  readonly arrivals: Arrival[] = [];
  /** Frames that were to arrive before the instant at which it stood when it was told of them: there must be none. */
  readonly late: Arrival[] = [];
  /** Ends of the grants that it was given. */
  readonly grants: number[] = [];
  readonly ended: Promise<void>;
  readonly #socket: Socket;
  readonly #deeds: Deed[];
  /** Set while it stands still as a debugger would have it; goes on from there. */
  #goOn: (() => void) | undefined;
  #pending: Arrival[] = [];
  #now = 0;
  #unread = Buffer.alloc(0);

  private constructor(
    socket: Socket,
    deeds: readonly Deed[],
    readonly busy: boolean,
  ) {
    this.#socket = socket;
    this.#deeds = [...deeds];
    this.ended = new Promise<void>((resolve) => {
      socket.once('close', () => {
        resolve();
      });
    });
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      this.#unread = Buffer.concat([this.#unread, chunk]);
      while (this.#takeMessage());
    });
  }

  /** @param busy whether its processor runs all the time, rather than from one deed to the next */
  static async join(
    path: string,
    port: number,
    deeds: readonly Deed[] = [],
    busy = false,
  ): Promise<ScriptedGuest> {
    const socket = createConnection(path);
    await once(socket, 'connect');
    const guest = new ScriptedGuest(socket, deeds, busy);
    guest.#post(HELLO, 0, numbers32(VERSION, port));
    guest.#stop();
    return guest;
  }

  /** Bytes that no plugin would send. */
  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** As when QEMU is killed. */
  vanish(): void {
    this.#socket.destroy();
  }

  #takeMessage(): boolean {
    if (this.#unread.length < HEADER_BYTES) return false;
    const [kind, length] = [this.#unread.readUInt32LE(0), this.#unread.readUInt32LE(4)];
    if (this.#unread.length < HEADER_BYTES + length) return false;
    const time = Number(this.#unread.readBigInt64LE(8));
    const payload = this.#unread.subarray(HEADER_BYTES, HEADER_BYTES + length);
    this.#unread = this.#unread.subarray(HEADER_BYTES + length);
    if (kind === FRAME) this.#takeFrame({ at: time, frame: Buffer.from(payload) });
    if (kind === RUN) this.#run(time, Number(payload.readBigInt64LE(0)), payload.readBigInt64LE(8));
    return true;
  }

  #takeFrame(arrival: Arrival): void {
    if (arrival.at < this.#now) this.late.push(arrival);
    this.#pending.push(arrival);
  }

  /** What a debugger does with a guest that has been paused. */
  letGoOn(): void {
    this.#goOn?.();
    this.#goOn = undefined;
  }

  #run(until: number, turnaround: number, pause: bigint): void {
    this.grants.push(until);
    let end = until;
    for (let deed = this.#deeds[0]; deed !== undefined && deed.at < end; deed = this.#deeds[0]) {
      this.#deeds.shift();
      if (deed.line !== undefined) this.#post(CONSOLE, deed.at, Buffer.from(`${deed.line}\n`));
      if (deed.frame === undefined) continue;
      this.#post(FRAME, deed.at, deed.frame);
      end = Math.min(end, deed.at + turnaround);
    }
    this.arrivals.push(...this.#pending.filter(({ at }) => at <= end));
    this.#pending = this.#pending.filter(({ at }) => at > end);
    this.#now = end;
    if (BigInt(end) < pause) {
      this.#stop();
      return;
    }
    this.#post(PAUSED, end, Buffer.alloc(0));
    this.#goOn = () => {
      this.#stop();
    };
  }

  #stop(): void {
    const times = [this.busy ? this.#now : undefined, this.#deeds[0]?.at, this.#pending[0]?.at].filter(
      (at) => at !== undefined,
    );
    const next = times.length === 0 ? NEVER : BigInt(Math.max(this.#now, Math.min(...times)));
    const payload = Buffer.alloc(8);
    payload.writeBigInt64LE(next);
    this.#post(STOPPED, this.#now, payload);
  }

  #post(kind: number, at: number, payload: Buffer): void {
    this.#socket.write(Buffer.concat([header(kind, payload.length, at), payload]));
  }
}

/** A message's header, for those who want to send a bad one. */
export function header(kind: number, length: number, at: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32LE(kind, 0);
  bytes.writeUInt32LE(length, 4);
  bytes.writeBigInt64LE(BigInt(at), 8);
  return bytes;
}

function numbers32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value, 4 * i);
  return bytes;
}

/** An Ethernet frame from one guest to another; 0 is everybody. */
export function frameFromTo(from: number, to: number, bytes: number, mark = 0): Buffer {
  const frame = Buffer.alloc(bytes, mark);
  frame.set(to === 0 ? [255, 255, 255, 255, 255, 255] : [0x52, 0x54, 0, 0x77, 0, to], 0);
  frame.set([0x52, 0x54, 0, 0x77, 0, from], 6);
  return frame;
}
