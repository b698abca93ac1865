// SPDX-License-Identifier: MIT
import type { FlowOutcome } from '../../machines/flow/run-flow.js';
import { UnknownNodeError } from '../../supervisor/errors.js';
import type { TestbedStatus } from '../../supervisor/protocol.js';
import type { CallOptions } from '../context/open-context.js';
import type { SupervisorLink } from '../node/supervisor-link.js';
import { TestbedNode } from '../node/testbed-node.js';
import { endTestbed } from './end-testbed.js';

/** What a flow has done. */
export type FlowReport = Pick<FlowOutcome, 'flow' | 'status' | 'reason' | 'steps'>;

/** A testbed whose guests are up. It goes on when this object and this process are gone, until it is brought down. */
export class RunningTestbed {
  readonly name: string;
  /** node1 first. */
  readonly nodes: readonly TestbedNode[];
  readonly #link: SupervisorLink;

  /** @internal */
  constructor(link: SupervisorLink, status: Pick<TestbedStatus, 'nodes'>) {
    this.#link = link;
    this.name = link.place.name;
    this.nodes = status.nodes.map((node) => new TestbedNode(link, node));
  }

  /** @throws UnknownNodeError, which names those that there are */
  node(name: string): TestbedNode {
    const found = this.nodes.find((node) => node.name === name);
    if (found !== undefined) return found;
    throw new UnknownNodeError(
      name,
      this.nodes.map((node) => node.name),
    );
  }

  /** Kernel, network, what the link really carries, and each node's state. */
  async status(options: CallOptions = {}): Promise<TestbedStatus> {
    return await this.#link.ask({ verb: 'attach' }, options);
  }

  /**
   * Runs a set-up flow: `nbd-setup`, `setup-dest`, `setup-src`. Its steps are told as events.
   * @throws RelayedError with code E_FLOW_STEP and the script's last lines when a step fails
   */
  async flow(name: string, options: CallOptions = {}): Promise<FlowReport> {
    return await this.#link.askWithEvents({ verb: 'flow', flow: name }, options);
  }

  /** Ends the testbed and everything that it started. */
  async down(options: CallOptions = {}): Promise<void> {
    await endTestbed(this.#link, options);
  }
}
