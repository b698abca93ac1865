// SPDX-License-Identifier: MIT
import { withDeadline } from '../../base/clock/deadline.js';
import type { RunningProcess } from '../../base/process/process-runner.js';
import type { TestbedStatus } from '../../supervisor/protocol.js';
import { clearRemains } from '../../supervisor/registry.js';
import type { CallOptions } from '../context/open-context.js';
import type { SupervisorLink } from '../node/supervisor-link.js';
import { RunningTestbed } from './running-testbed.js';

/** For guests, network and consoles to be ended in order, on a loaded machine. */
const END_MS = 30_000;

/**
 * A testbed that lives as long as a scope, for `await using`. It also ends when this process ends, however that comes
 * about: its supervisor watches a pipe that we hold.
 */
export class ScopedTestbed extends RunningTestbed implements AsyncDisposable {
  readonly #link: SupervisorLink;
  readonly #supervisor: RunningProcess;
  #detached = false;

  /** @internal */
  constructor(link: SupervisorLink, supervisor: RunningProcess, status: TestbedStatus) {
    super(link, status);
    this.#link = link;
    this.#supervisor = supervisor;
  }

  /** Lets the testbed outlive scope and process. `attach` finds it by its name; `down` ends it. */
  async detach(options: CallOptions = {}): Promise<RunningTestbed> {
    const status = await this.#link.ask<TestbedStatus>({ verb: 'detach' }, options);
    this.#detached = true;
    return new RunningTestbed(this.#link, status);
  }

  /** Ends the testbed, unless it was detached. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#detached) return;
    const { place, context } = this.#link;
    try {
      this.#supervisor.kill('SIGTERM');
      const wait = { what: `the end of testbed ${this.name}`, deadlineMs: END_MS, clock: context.clock };
      await withDeadline(wait, async () => this.#supervisor.exited);
    } finally {
      await this.#supervisor[Symbol.asyncDispose]();
      await clearRemains(context, place);
    }
  }
}
