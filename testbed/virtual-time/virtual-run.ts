// SPDX-License-Identifier: MIT
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { DeadlineError, patience } from '../base/clock/deadline.js';
import type { Stage } from '../base/event/stage.js';
import type { Context } from '../base/host/context.js';
import { BootError, GuestDiedError } from '../machines/node/errors.js';
import type { Death } from '../machines/node/death.js';
import type { Coordinator, CoordinatorEvent } from './coordinator.js';
import type { Evidence } from './digest.js';
import { GuestStuckError, QemuUnsuitableError } from './errors.js';
import { type GuestLog, instantText } from './guest-log.js';
import type { LockstepQemu } from './lockstep-qemu.js';
import type { Pause } from './run-in-virtual-time.js';
import type { ReportLine } from './transcript.js';

/** Time on the host's clock within which virtual time has to move on. */
const STUCK_MS = 60_000;

/** Virtual time that a dying kernel gets for its report, and the other guests to notice. */
export const LAST_WORDS_NS = 1e9;

/** Matches what QEMU or the plugin prints when the plugin cannot be used. */
const UNSUITABLE = /plugin|virtual time: |icount/i;

/** What a run consists of. */
export interface VirtualRunParts {
  readonly coordinator: Coordinator;
  /** In the order of their ports; the operator is the last. */
  readonly guests: readonly LockstepQemu[];
  readonly evidence: Evidence & { readonly consoles: readonly GuestLog[] };
  readonly stage: Stage;
  readonly pause?: Pause;
}

export interface VirtualRunOutcome {
  /** The last instant that counts as part of the run. */
  readonly endNs: number;
  /** Frames sent until the last line of the operator. */
  readonly frames: number;
  readonly report: readonly ReportLine[];
  /** Why it ended before the operator had done everything. */
  readonly failure: Error | undefined;
}

/** Guests that run in virtual time, watched until the operator has done everything or one of them dies. */
export class VirtualRun {
  readonly #context: Context;
  readonly #parts: VirtualRunParts;
  readonly #report: ReportLine[] = [];
  readonly #transcript: WriteStream;
  #failure: Error | undefined;
  /** Events after this instant do not count. It is known before any of them is reported. */
  #endNs = Infinity;
  #now = 0;
  #frames = 0;
  #movedAt: number;
  #booted = false;
  /** Whether a debugger has stopped a guest. Virtual time then stands still for as long as it likes. */
  #debugged = false;

  constructor(context: Context, parts: VirtualRunParts) {
    this.#context = context;
    this.#parts = parts;
    this.#movedAt = context.clock.now();
    this.#transcript = createWriteStream(parts.evidence.transcript);
  }

  /** @throws QemuUnsuitableError, CoordinatorLostError; the reason of the context's signal */
  async toItsEnd(): Promise<VirtualRunOutcome> {
    const { coordinator } = this.#parts;
    const leave = (): void => {
      coordinator.end();
    };
    const { signal } = this.#context;
    signal.addEventListener('abort', leave, { once: true });
    this.#watchStart();
    try {
      for await (const event of coordinator.events()) this.#take(event);
      signal.throwIfAborted();
      this.#explainRefusal();
      return {
        endNs: Number.isFinite(this.#endNs) ? this.#endNs : this.#now,
        frames: this.#frames,
        report: this.#report,
        failure: this.#failure,
      };
    } finally {
      signal.removeEventListener('abort', leave);
      this.#transcript.end();
      await finished(this.#transcript);
    }
  }

  #take(event: CoordinatorEvent): void {
    if ('now' in event) {
      this.#takeNews(event.now, event.waiting);
      return;
    }
    this.#now = Math.max(this.#now, event.at);
    if (event.at > this.#endNs) {
      this.#parts.coordinator.end();
      return;
    }
    if ('console' in event) this.#takeConsole(event.at, event.port, event.console);
    if ('paused' in event) this.#takePause();
    if ('report' in event) this.#takeReport(event);
    if ('crashed' in event) this.#remark(event.at, `${this.#name(event.port)} crashed, as was planned`);
    if ('left' in event) this.#takeLeave(event.at, event.port, event.left);
    if ('over' in event) this.#takeEnd(event.at, event.over);
  }

  #takeConsole(atNs: number, port: number, text: string): void {
    const log = this.#parts.evidence.consoles[port - 1];
    if (log === undefined) return;
    const known = log.death;
    const line = log.take(atNs, text);
    this.#context.events({ type: 'console-line', at: this.#context.clock.now(), node: log.name, line });
    if (log.death !== undefined && known === undefined) {
      this.#endBy(this.#deathError(log, log.death), atNs + LAST_WORDS_NS);
    }
  }

  #takeReport(event: Extract<CoordinatorEvent, { readonly report: string }>): void {
    const text = event.report.replace(/\r*\n?$/, '');
    const traffic = event.sent.map((sentBytes, i) => ({ sentBytes, receivedBytes: event.received[i] ?? 0 }));
    this.#frames = event.frames;
    this.#report.push({ atNs: event.at, text, traffic });
    this.#transcript.write(`${instantText(event.at)} ${text}\n`);
    if (text === 'ready') this.#booted = true;
    this.#parts.stage.output(text);
    if (text === 'over') this.#endAt(event.at);
  }

  #takeLeave(atNs: number, port: number, why: string): void {
    const log = this.#parts.evidence.consoles[port - 1];
    if (log === undefined || log.death !== undefined) return;
    const death: Death = { kind: 'qemu-exit', line: why };
    this.#endBy(this.#deathError(log, death), atNs);
  }

  #takeEnd(atNs: number, why: string): void {
    if (why !== 'deadline' || Number.isFinite(this.#endNs)) return;
    const [first] = this.#parts.evidence.consoles;
    const detail = first === undefined ? {} : { excerpt: first.tail, log: first.path };
    this.#endBy(new DeadlineError('the end of the plan', atNs / 1e6, detail), atNs);
  }

  #takeNews(now: number, waiting: readonly number[]): void {
    const { clock } = this.#context;
    if (now > this.#now) {
      this.#now = now;
      this.#movedAt = clock.now();
      this.#parts.stage.progress({ note: `${(now / 1e9).toFixed(1)} virtual seconds` });
    }
    if (now > this.#endNs) this.#parts.coordinator.end();
    if (this.#debugged) return;
    const still = clock.now() - this.#movedAt;
    if (still < STUCK_MS * patience()) return;
    const [first = 1] = waiting;
    const log = this.#parts.evidence.consoles[first - 1];
    const detail = log === undefined ? {} : { excerpt: log.tail, log: log.path };
    const names = waiting.map((port) => this.#name(port));
    this.#endBy(new GuestStuckError(names, this.#now, Math.round(still / 1000), detail), this.#now);
  }

  #takePause(): void {
    const { pause, guests } = this.#parts;
    const socket = pause === undefined ? undefined : guests[pause.port - 1]?.spec.gdbSocket;
    if (socket === undefined) return;
    this.#debugged = true;
    pause?.onPaused(socket);
  }

  /** Ends the run. Only the first reason is kept. */
  #endBy(failure: Error, atNs: number): void {
    if (this.#failure !== undefined || Number.isFinite(this.#endNs)) return;
    this.#failure = failure;
    this.#endAt(atNs);
  }

  #endAt(atNs: number): void {
    this.#endNs = Math.min(this.#endNs, atNs);
    if (this.#now >= this.#endNs) this.#parts.coordinator.end();
  }

  /** The coordinator does not notice a QEMU that ends before it has connected. */
  #watchStart(): void {
    for (const guest of this.#parts.guests) {
      void guest.exited.then(() => {
        if (this.#now === 0) this.#parts.coordinator.end();
      });
    }
  }

  /** Throws when a QEMU ended before virtual time began: it cannot be used. */
  #explainRefusal(): void {
    if (this.#now > 0) return;
    for (const { hasExited, complaints } of this.#parts.guests) {
      const said = complaints.find((line) => UNSUITABLE.test(line)) ?? complaints.at(-1);
      if (hasExited && said !== undefined) throw new QemuUnsuitableError(said);
    }
  }

  #deathError(log: GuestLog, death: Death): Error {
    const detail = { log: log.path, excerpt: log.tail };
    return this.#booted
      ? new GuestDiedError(log.name, death, detail)
      : new BootError(log.name, death, detail);
  }

  #remark(atNs: number, what: string): void {
    const { clock, events } = this.#context;
    events({ type: 'notice', at: clock.now(), level: 'info', text: `${instantText(atNs)} s: ${what}` });
  }

  #name(port: number): string {
    return this.#parts.evidence.consoles[port - 1]?.name ?? `guest ${port}`;
  }
}
