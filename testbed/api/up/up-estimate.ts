// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import type { EventSink, TestbedEvent } from '../../base/event/event.js';
import type { Context } from '../../base/host/context.js';
import { changeState, readState } from '../../base/host/state-file.js';
import { hashParts } from '../../products/store/file-hash.js';
import type { Machines } from './resolve-machines.js';

/** The time that is left is told no more often than this. */
const EVERY_MS = 5_000;

/**
 * Tells how long it takes until a testbed is up: what the compilation of its kernel says is left, and then what boot and
 * set-up took when the same machines were last brought up on this host.
 */
export class UpEstimate {
  readonly #context: Pick<Context, 'clock' | 'events'>;
  readonly #file: string;
  readonly #key: string;
  /** Milliseconds of boot and set-up. */
  readonly #bootMs: number | undefined;
  #bootedSince: number | undefined;
  #toldAt: number | undefined;

  private constructor(context: Context, file: string, key: string, bootMs: number | undefined) {
    this.#context = context;
    this.#file = file;
    this.#key = key;
    this.#bootMs = bootMs;
  }

  static async open(context: Context, { shape, flows }: Machines): Promise<UpEstimate> {
    const file = join(context.paths.cache, 'boot-times.json');
    const key = hashParts({ shape, flows });
    const bootMs = (await readState(file))[key];
    return new UpEstimate(context, file, key, typeof bootMs === 'number' ? bootMs : undefined);
  }

  /** Passes events on, and adds what they say of the whole. */
  readonly sink: EventSink = (event: TestbedEvent) => {
    const { events } = this.#context;
    events(event);
    if (event.type === 'stage-progress' && event.id.startsWith('kernel/') && event.leftMs !== undefined)
      this.#tell(event.leftMs + (this.#bootMs ?? 0));
    if (event.type === 'stage-finished') this.#tellBoot();
  };

  /** Everything is built. */
  boots(): void {
    this.#bootedSince = this.#context.clock.now();
    this.#toldAt = undefined;
    this.#tellBoot();
  }

  /** It is up. */
  async isUp(): Promise<void> {
    if (this.#bootedSince === undefined) return;
    const bootMs = this.#context.clock.now() - this.#bootedSince;
    // A full or read-only cache only makes the next estimate poorer.
    await changeState(this.#file, this.#key, bootMs).catch(() => undefined);
  }

  #tellBoot(): void {
    if (this.#bootedSince === undefined || this.#bootMs === undefined) return;
    const leftMs = this.#bootMs - (this.#context.clock.now() - this.#bootedSince);
    if (leftMs > 0) this.#tell(leftMs);
  }

  #tell(leftMs: number): void {
    const { clock, events } = this.#context;
    const at = clock.now();
    if (this.#toldAt !== undefined && at - this.#toldAt < EVERY_MS) return;
    this.#toldAt = at;
    const whole = this.#bootMs !== undefined;
    events({ type: 'time-left', at, leftMs, whole });
  }
}
