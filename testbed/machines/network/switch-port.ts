// SPDX-License-Identifier: MIT
import type { Socket } from 'node:net';
import type { Clock } from '../../base/clock/clock.js';
import { frameHeader, FrameStream } from './frame-stream.js';
import type { TrafficCounters } from './network.js';
import type { Shaping } from './shaping.js';
import { TokenBucket } from './token-bucket.js';

/**
 * One node's link. When the rate is used up, frames from the guest wait in the guest, since the switch stops reading.
 * Frames to the guest wait in a queue of `queueBytes` and are lost when it is full.
 */
export class SwitchPort {
  connected = true;
  readonly #shaping: Shaping;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #uplink: TokenBucket;
  readonly #downlink: TokenBucket;
  readonly #onFrame: (frame: Buffer) => void;
  #socket: Socket | undefined;
  #arrived: Buffer[] = [];
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #uplinkTimer: NodeJS.Timeout | undefined;
  #downlinkTimer: NodeJS.Timeout | undefined;
  #counters = { sentBytes: 0, receivedBytes: 0 };

  constructor(shaping: Shaping, clock: Pick<Clock, 'now'>, onFrame: (frame: Buffer) => void) {
    this.#shaping = shaping;
    this.#clock = clock;
    this.#onFrame = onFrame;
    this.#uplink = new TokenBucket(shaping.rate, shaping.burstBytes, clock.now());
    this.#downlink = new TokenBucket(shaping.rate, shaping.burstBytes, clock.now());
  }

  get counters(): TrafficCounters {
    return { ...this.#counters };
  }

  /** Connects the guest's end. It replaces the connection of an earlier guest. */
  plug(socket: Socket): void {
    this.#socket?.destroy();
    this.#reset();
    this.#socket = socket;
    const frames = new FrameStream();
    socket.on('data', (chunk: Buffer) => {
      try {
        this.#arrived.push(...frames.push(chunk));
      } catch (thrown) {
        socket.destroy(thrown as Error);
        return;
      }
      this.#pumpUp();
    });
    socket.on('drain', () => {
      this.#pumpDown();
    });
    // An error is followed by close. When a guest has gone, nothing is connected to its port.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.#socket === socket) this.#reset();
    });
  }

  /** A frame for the guest. */
  deliver(frame: Buffer): void {
    if (this.#socket === undefined || !this.connected) return;
    if (this.#queuedBytes + frame.length > this.#shaping.queueBytes) return;
    this.#queue.push(frame);
    this.#queuedBytes += frame.length;
    if (this.#downlinkTimer === undefined) this.#pumpDown();
  }

  #reset(): void {
    clearTimeout(this.#uplinkTimer);
    clearTimeout(this.#downlinkTimer);
    this.#uplinkTimer = this.#downlinkTimer = undefined;
    this.#arrived = [];
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#socket = undefined;
  }

  #pumpUp(): void {
    if (this.#uplinkTimer !== undefined) return;
    let passed = 0;
    for (const frame of this.#arrived) {
      const now = this.#clock.now();
      if (!this.#uplink.take(frame.length, now)) {
        this.#socket?.pause();
        this.#uplinkTimer = setTimeout(
          () => {
            this.#uplinkTimer = undefined;
            this.#socket?.resume();
            this.#pumpUp();
          },
          this.#uplink.waitMs(frame.length, now),
        );
        break;
      }
      passed++;
      this.#counters.sentBytes += frame.length;
      if (this.connected) this.#onFrame(frame);
    }
    this.#arrived.splice(0, passed);
  }

  #pumpDown(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    clearTimeout(this.#downlinkTimer);
    this.#downlinkTimer = undefined;
    socket.cork();
    let passed = 0;
    for (const frame of this.#queue) {
      // QEMU does not read while its guest has no room. `drain` calls again.
      if (socket.writableNeedDrain) break;
      const now = this.#clock.now();
      if (!this.#downlink.take(frame.length, now)) {
        this.#downlinkTimer = setTimeout(
          () => {
            this.#pumpDown();
          },
          this.#downlink.waitMs(frame.length, now),
        );
        break;
      }
      passed++;
      this.#queuedBytes -= frame.length;
      this.#counters.receivedBytes += frame.length;
      socket.write(frameHeader(frame));
      socket.write(frame);
    }
    this.#queue.splice(0, passed);
    socket.uncork();
  }
}
