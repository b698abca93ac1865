// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Context } from '../base/host/context.js';
import { joinInitrd } from '../machines/node/initrd.js';
import type { QemuSpec } from '../machines/node/qemu-spec.js';
import type { Exit, RunningProcess } from '../base/process/process-runner.js';
import { type ClockMembership, STDIO, lockstepCommand } from './lockstep-command.js';

const COMPLAINTS = 20;

/** The QEMU of a guest in virtual time. Its console comes by way of the coordinator. Disposal ends it. */
export class LockstepQemu implements AsyncDisposable {
  readonly pid: number;
  readonly commandLine: readonly string[];
  /** Resolves when QEMU has ended and its standard error has been read. */
  readonly exited: Promise<Exit>;
  /** Whether {@link exited} has resolved. */
  hasExited = false;
  /** The last lines on QEMU's standard error. */
  readonly complaints: string[] = [];
  readonly #running: RunningProcess;

  constructor(
    readonly spec: QemuSpec,
    running: RunningProcess,
  ) {
    this.#running = running;
    this.pid = running.pid;
    this.commandLine = running.argv;
    const read = this.#readComplaints();
    this.exited = running.exited.then(async (exit) => {
      await read;
      this.hasExited = true;
      return exit;
    });
    for (const channel of running.channels.values()) channel.on('error', () => undefined);
  }

  /** Kills it at once, since nothing in it needs to be saved. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#running.kill('SIGKILL');
    await this.#running[Symbol.asyncDispose]();
  }

  async #readComplaints(): Promise<void> {
    if (this.#running.stderr === undefined) return;
    try {
      for await (const line of createInterface({ input: this.#running.stderr })) {
        this.complaints.push(line);
        if (this.complaints.length > COMPLAINTS) this.complaints.shift();
      }
    } catch {
      // The pipe breaks when QEMU ends, which `exited` reports.
    }
  }
}

/** Starts a guest. It waits at instant 0 until all others have connected too. */
export async function startLockstepQemu(
  context: Context,
  spec: QemuSpec,
  clock: ClockMembership,
): Promise<LockstepQemu> {
  context.signal.throwIfAborted();
  const initrd = join(spec.folder, 'initrd');
  await joinInitrd(spec.initrd, initrd);
  const running = await context.processes.start(lockstepCommand(spec, initrd, clock), {
    stdio: STDIO,
    cwd: spec.folder,
    orphan: 'dies',
    env: { LD_PRELOAD: clock.plugin },
  });
  return new LockstepQemu(spec, running);
}
