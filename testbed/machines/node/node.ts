// SPDX-License-Identifier: MIT
import type { Context } from '../../base/host/context.js';
import { connect } from '../ssh/connect.js';
import type { SshCredentials, SshSession } from '../ssh/session.js';
import { bootQemu } from './boot.js';
import type { Death } from './death.js';
import type { Qemu } from './qemu.js';
import type { QemuSpec } from './qemu-spec.js';

/** From QEMU's start to the ready line. A boot takes some 3 s under TCG, and most of a minute with a debug kernel. */
const BOOT_MS = { release: 90_000, debug: 300_000 } as const;

/** From the ready line to an open session, which needs a key exchange in an emulated processor. */
const CONNECT_MS = { release: 30_000, debug: 120_000 } as const;

/** A guest that has booted, and the ssh session to it. Disposal ends the session first. */
export class Node implements AsyncDisposable {
  readonly qemu: Qemu;
  readonly session: SshSession;
  #death: Death | undefined;

  private constructor(qemu: Qemu, session: SshSession) {
    this.qemu = qemu;
    this.session = session;
    void qemu.died.then((death) => {
      this.#death = death;
    });
  }

  /**
   * Boots a guest and waits until it answers over ssh.
   * @throws BootError, DeadlineError, GuestDiedError, errors of ssh. The guest is ended then.
   */
  static async boot(context: Context, spec: QemuSpec, credentials: SshCredentials): Promise<Node> {
    const { variant } = spec.kernel;
    const qemu = await bootQemu(context, spec, { deadlineMs: BOOT_MS[variant] });
    try {
      const session = await qemu.whileAlive(async (alive) =>
        connect(
          { ...context, signal: AbortSignal.any([context.signal, alive]) },
          { ...spec.attachment.ssh, node: spec.name },
          credentials,
          { deadlineMs: CONNECT_MS[variant] },
        ),
      );
      return new Node(qemu, session);
    } catch (thrown) {
      await qemu[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  /** `node1`, `node2`, ... */
  get name(): string {
    return this.qemu.spec.name;
  }

  /** 1 for node1. */
  get index(): number {
    return this.qemu.spec.index;
  }

  /** On the testbed's network. */
  get address(): string {
    return this.qemu.spec.attachment.address;
  }

  get memoryBytes(): number {
    return this.qemu.spec.memoryBytes;
  }

  get cpus(): number {
    return this.qemu.spec.cpus;
  }

  /** QEMU's process. */
  get pid(): number {
    return this.qemu.pid;
  }

  /** QEMU and its arguments. */
  get commandLine(): readonly string[] {
    return this.qemu.commandLine;
  }

  /** Processes that the guest's OOM killer has ended so far. */
  get oomKills(): Qemu['oomKills'] {
    return this.qemu.oomKills;
  }

  /** How the guest died; undefined while it lives. */
  get death(): Death | undefined {
    return this.#death;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.session[Symbol.asyncDispose]();
    } finally {
      await this.qemu[Symbol.asyncDispose]();
    }
  }
}
