// SPDX-License-Identifier: MIT
import type { Context } from '../../base/host/context.js';
import type { BootedNode, Death } from '../node/node.js';
import { connect } from '../ssh/connect.js';
import type { SshCredentials, SshSession } from '../ssh/session.js';

/** A booted guest together with the session to it; disposal ends the session first. */
export class RunningNode implements AsyncDisposable {
  /** How the guest died; undefined while it lives. */
  death: Death | undefined;
  #session: SshSession | undefined;

  constructor(readonly machine: BootedNode) {
    void machine.died.then((death) => {
      this.death = death;
    });
  }

  /** @throws Error before {@link open} */
  get session(): SshSession {
    if (this.#session === undefined) throw new Error(`${this.machine.spec.name} has no session yet`);
    return this.#session;
  }

  /** Opens the session. @throws GuestDiedError when the guest dies meanwhile, ssh's errors otherwise */
  async open(context: Context, credentials: SshCredentials, deadlineMs: number): Promise<void> {
    const { machine } = this;
    this.#session = await machine.whileAlive(async (alive) =>
      connect(
        { ...context, signal: AbortSignal.any([context.signal, alive]) },
        { ...machine.spec.attachment.ssh, node: machine.spec.name },
        credentials,
        { deadlineMs },
      ),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#session?.[Symbol.asyncDispose]();
    } finally {
      await this.machine[Symbol.asyncDispose]();
    }
  }
}
