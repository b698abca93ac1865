// SPDX-License-Identifier: MIT
import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Duplex, Readable } from 'node:stream';
import { withDeadline } from '../../base/clock/deadline.js';
import type { TestbedError } from '../../base/error/testbed-error.js';
import type { Context } from '../../base/host/context.js';
import type { Exit, RunningProcess } from '../../base/process/process-runner.js';
import { SerialConsole } from './console.js';
import { BootError, GuestDiedError, QmpClosedError } from './errors.js';
import type { Death } from './death.js';
import type { QemuSpec } from './qemu-spec.js';
import { QmpClient, type QmpEvent } from './qmp.js';
import { qmpDescriptor } from './qemu-command.js';
import { diagnose } from './symptoms.js';

/** Lines of the console in an error. */
const EXCERPT_LINES = 40;

/** The first line of a report is followed by its stack trace. It is complete when the console is quiet for this time. */
const REPORT_QUIET_MS = 100;
const REPORT_LIMIT_MS = 600;

const CRASH_MS = 10_000;
const ALIVE_MS = 1_000;

/** A running QEMU, watched from its first byte. Disposal ends it. */
export class Qemu implements AsyncDisposable {
  readonly pid: number;
  /** QEMU and its arguments, for provenance. */
  readonly commandLine: readonly string[];
  readonly consoleLog: string;
  /** Resolves when the guest dies; never rejects. */
  readonly died: Promise<Death>;
  /** OOM-killer reports so far: the victim's name and pid. */
  readonly oomKills: { readonly process: string; readonly pid: number }[] = [];
  /** Network block devices whose server was lost, by name. */
  readonly lostDisks = new Set<string>();
  /** Resolves when the guest's init has said that it is ready. */
  readonly ready: Promise<void>;
  readonly #context: Context;
  readonly #process: RunningProcess;
  readonly #console: SerialConsole;
  readonly #dead = new AbortController();
  readonly #qmp: Promise<QmpClient>;
  #isReady = false;
  #symptom: Death | undefined;
  #ending: Promise<void> | undefined;
  #settled: (death: Death) => void = () => undefined;
  #becomeReady: () => void = () => undefined;
  #lastError = '';

  constructor(
    context: Context,
    readonly spec: QemuSpec,
    running: RunningProcess,
  ) {
    this.#context = context;
    this.#process = running;
    this.pid = running.pid;
    this.commandLine = running.argv;
    this.consoleLog = join(spec.folder, 'console.log');
    // Each call of whileAlive adds a listener. There may be any number of them.
    setMaxListeners(0, this.#dead.signal);
    this.died = new Promise((resolve) => {
      this.#settled = resolve;
    });
    this.ready = new Promise((resolve) => {
      this.#becomeReady = resolve;
    });
    const { stdin, stdout, stderr, channels } = running;
    const monitor = channels.get(qmpDescriptor(spec));
    if (stdin === undefined || stdout === undefined || stderr === undefined || monitor === undefined) {
      throw new Error('QEMU was started without its pipes');
    }
    this.#console = new SerialConsole(stdout, stdin, {
      node: spec.name,
      logPath: this.consoleLog,
      clock: context.clock,
      events: context.events,
      onLine: (line) => {
        this.#watch(line);
      },
    });
    this.#qmp = QmpClient.connect(monitor, (event) => {
      this.#onEvent(event);
    });
    this.#qmp.catch(() => undefined);
    void this.#watchExit(running.exited, this.#readErrors(stderr));
  }

  /** The last lines of the console, oldest first. */
  consoleTail(lines: number): readonly string[] {
    return this.#console.tail(lines);
  }

  /**
   * Runs `work`. When the guest panics, reports an oops, lockdep or hung task, or when QEMU ends, the signal is aborted
   * and this throws within a second.
   * @throws GuestDiedError; BootError when the guest was not ready before
   */
  async whileAlive<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = this.#dead;
    signal.throwIfAborted();
    const done = new AbortController();
    const death = new Promise<never>((_, reject) => {
      signal.addEventListener(
        'abort',
        () => {
          reject(signal.reason as Error);
        },
        { once: true, signal: done.signal },
      );
    });
    try {
      return await Promise.race([this.#blameDeath(work(signal)), death]);
    } finally {
      done.abort();
    }
  }

  /** @throws QmpError when QEMU refuses; QmpClosedError when it has ended */
  async qmp(command: string, argument?: Readonly<Record<string, unknown>>): Promise<unknown> {
    return await (await this.#qmp).execute(command, argument);
  }

  /** The serial console from now on, to read and to type. Destroy the stream to leave. */
  console(): Duplex {
    return this.#console.open();
  }

  /** Stops the guest's processors and its clock. */
  async pause(): Promise<void> {
    await this.qmp('stop');
  }

  async resume(): Promise<void> {
    await this.qmp('cont');
  }

  /**
   * Makes the kernel panic with an unexpected NMI, and resolves with its death.
   * @throws DeadlineError when the kernel does not react
   */
  async crash(): Promise<Death> {
    const wait = { what: `the panic of ${this.spec.name}`, deadlineMs: CRASH_MS, clock: this.#context.clock };
    await this.qmp('inject-nmi');
    return await withDeadline({ ...wait, excerpt: () => this.consoleTail(EXCERPT_LINES) }, () => this.died);
  }

  /** Writes the guest's memory as an ELF core. The guest is stopped meanwhile. */
  async dumpMemory(path: string): Promise<void> {
    await this.qmp('dump-guest-memory', { paging: false, protocol: `file:${path}` });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#symptom ??= { kind: 'stopped', line: `${this.spec.name} was ended by the testbed` };
    const ending = this.#end(this.#symptom);
    await ending;
    await this.#process[Symbol.asyncDispose]();
    await this.#console.ended;
  }

  #watch(line: string): void {
    if (line.includes(`testbed: ready ${this.spec.name}`)) {
      this.#isReady = true;
      this.#becomeReady();
    }
    const symptom = diagnose(line);
    if (symptom?.kind === 'oom-kill') this.oomKills.push({ process: symptom.process, pid: symptom.pid });
    if (symptom?.kind === 'disk-loss') this.lostDisks.add(symptom.disk);
    if (symptom?.kind === 'death') {
      this.#symptom ??= symptom.death;
      void this.#end(symptom.death);
    }
  }

  #onEvent({ name, data }: QmpEvent): void {
    if (name === 'SHUTDOWN' && data['guest'] === true) {
      const how = data['reason'] === 'guest-reset' ? 'reset itself' : 'powered off';
      void this.#end({ kind: 'qemu-exit', line: `the guest ${how}` });
    }
    if (name === 'STOP') void this.#askWhyStopped();
  }

  /** An unexpected stop, for example because KVM cannot continue or a disk fails. */
  async #askWhyStopped(): Promise<void> {
    try {
      const { status } = (await this.qmp('query-status')) as { readonly status: string };
      if (status.endsWith('-error')) {
        await this.#end({ kind: 'qemu-exit', line: `QEMU has stopped the guest: ${status}` });
      }
    } catch {
      // QEMU has ended, which is noticed separately.
    }
  }

  async #watchExit(exited: Promise<Exit>, errorsRead: Promise<void>): Promise<void> {
    const exit = await exited;
    // QEMU's last error message may not have been read yet.
    await Promise.race([errorsRead, this.#context.clock.sleep(REPORT_QUIET_MS)]);
    const how =
      exit.signal === undefined ? `ended with status ${String(exit.code)}` : `was ended by ${exit.signal}`;
    const why = this.#lastError === '' ? '' : `: ${this.#lastError}`;
    await this.#end({ kind: 'qemu-exit', line: `QEMU ${how}${why}` });
  }

  async #readErrors(stderr: Readable): Promise<void> {
    try {
      for await (const line of createInterface({ input: stderr })) {
        this.#lastError = line;
        this.#console.note(line);
      }
    } catch {
      // A broken pipe means that QEMU has ended, which is noticed separately.
    }
  }

  /** Ends everything that waits, once the report is complete. A report of the kernel takes precedence over QEMU's end. */
  #end(death: Death): Promise<void> {
    this.#ending ??= this.#conclude(death);
    return this.#ending;
  }

  async #conclude(death: Death): Promise<void> {
    if (death.kind !== 'stopped') await this.#reportComplete();
    const verdict = this.#symptom ?? death;
    this.#dead.abort(this.#deathError(verdict));
    this.#settled(verdict);
    if (this.spec.dumpOnDeath === true && verdict.kind !== 'qemu-exit' && verdict.kind !== 'stopped') {
      await this.#dumpOnDeath();
    }
  }

  async #reportComplete(): Promise<void> {
    const { clock } = this.#context;
    const limit = clock.now() + REPORT_LIMIT_MS;
    const over = this.#console.ended.then(() => true);
    for (;;) {
      const now = clock.now();
      const quietAt = Math.max(this.#console.lastByteAt, limit - REPORT_LIMIT_MS) + REPORT_QUIET_MS;
      const until = Math.min(quietAt, limit);
      if (now >= until) return;
      if (await Promise.race([over, clock.sleep(until - now).then(() => false)])) return;
    }
  }

  #deathError(death: Death): TestbedError {
    const { name } = this.spec;
    const detail = { log: this.consoleLog, excerpt: this.consoleTail(EXCERPT_LINES) };
    return this.#isReady ? new GuestDiedError(name, death, detail) : new BootError(name, death, detail);
  }

  async #dumpOnDeath(): Promise<void> {
    const { clock, events } = this.#context;
    const path = join(this.spec.folder, `${this.spec.name}.core`);
    const say = (level: 'info' | 'warning', text: string): void => {
      events({ type: 'notice', at: clock.now(), level, text });
    };
    try {
      await this.dumpMemory(path);
      say('info', `the memory of ${this.spec.name} at its death is in ${path}`);
    } catch (thrown) {
      say('warning', `the memory of ${this.spec.name} could not be kept: ${(thrown as Error).message}`);
    }
    // A kernel that may not reboot spins for ever, so QEMU has to be ended here.
    await this.qmp('quit').catch(() => undefined);
  }

  /** When work fails because its guest has died, the death is the error, and not the broken connection. */
  async #blameDeath<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (thrown) {
      if (await this.#hasDied()) {
        const { clock } = this.#context;
        await Promise.race([this.died, clock.sleep(REPORT_LIMIT_MS + ALIVE_MS)]);
        this.#dead.signal.throwIfAborted();
      }
      throw thrown;
    }
  }

  async #hasDied(): Promise<boolean> {
    const wait = { what: "QEMU's answer", deadlineMs: ALIVE_MS, clock: this.#context.clock };
    try {
      await withDeadline(wait, () => this.qmp('query-status'));
      return this.#isEnding();
    } catch (thrown) {
      return thrown instanceof QmpClosedError || this.#isEnding();
    }
  }

  #isEnding(): boolean {
    return this.#ending !== undefined;
  }
}
