// SPDX-License-Identifier: MIT
import { stage } from '../../base/event/stage.js';
import { loadFlow } from '../flow/load-flow.js';
import { type FlowNode, flowNodeOverSsh } from '../flow/flow-node.js';
import { type FlowOutcome, runFlow } from '../flow/run-flow.js';
import type { Context } from '../../base/host/context.js';
import { DisposalStack } from '../../base/lifecycle/disposal-stack.js';
import { planNetwork, probeNetwork } from '../network/capabilities.js';
import { createBridgeNetwork } from '../network/bridge-network.js';
import { emulateDelayInGuests } from '../network/guest-delay.js';
import { measureLink } from '../network/measurement.js';
import type { Attachment, LinkMeasurement, Network } from '../network/network.js';
import { createSwitchNetwork } from '../network/switch-network.js';
import { chooseAccelerator } from '../node/accelerator.js';
import { Node } from '../node/node.js';
import { credentialsOf, makeTestbedKeys, type TestbedKeys } from '../ssh/keys.js';
import { nodeName } from './guest-identity.js';
import { makeNodeFolder } from './node-folder.js';
import type { Products } from './products.js';
import type { ClusterShape } from './shape.js';

export interface ClusterRequest {
  readonly shape: ClusterShape;
  readonly products: Products;
  /** Each node gets a folder in it, for its console, initrd and disks. */
  readonly folder: string;
  /** A short path, for gdb and switch sockets. */
  readonly sockets: string;
  /** Whether the link is measured after boot. A run measures it only once. */
  readonly measure: boolean;
}

/**
 * Makes the network, boots all nodes side by side, and opens a session to each.
 * Stages: `network`, `boot/<node>`, `boot/link`. When the network is a bridge, this must run in a network namespace of its
 * own.
 * @throws BootError, DeadlineError, GuestDiedError, ssh errors. What was started is ended first.
 */
export async function bootCluster(context: Context, request: ClusterRequest): Promise<Cluster> {
  const owned = new DisposalStack();
  try {
    const { shape } = request;
    const network = owned.use(await makeNetwork(context, request));
    const keys = makeTestbedKeys(shape.nodes.length);
    const { accelerator, reason } = await chooseAccelerator(
      context,
      request.products.kernel,
      request.products.qemu?.program,
    );
    const indices = shape.nodes.map((_, i) => i + 1);
    const attachments = await Promise.all(indices.map(async (index) => network.attach(index)));
    const plan: ClusterPlan = { ...request, network, keys, accelerator, attachments };
    const cluster = new Cluster(plan, `${accelerator} (${reason})`, owned.move());
    try {
      await cluster.bootAll(context);
      return cluster;
    } catch (thrown) {
      await cluster[Symbol.asyncDispose]();
      throw thrown;
    }
  } catch (thrown) {
    await owned[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** Everything that is decided before the first QEMU starts. */
export interface ClusterPlan extends ClusterRequest {
  readonly network: Network;
  readonly keys: TestbedKeys;
  readonly accelerator: 'kvm' | 'tcg';
  readonly attachments: readonly Attachment[];
}

async function makeNetwork(context: Context, { shape, sockets }: ClusterRequest): Promise<Network> {
  return await stage(context, 'network', 'Network', async (current) => {
    const { kind, reasons } = planNetwork(await probeNetwork(context));
    const nodes = shape.nodes.length;
    const network =
      kind === 'bridge'
        ? await createBridgeNetwork(context, { nodes, link: shape.link })
        : await createSwitchNetwork(context, { nodes, link: shape.link, sockets });
    current.note(kind);
    for (const text of [...reasons, ...network.shortfalls]) {
      context.events({ type: 'notice', at: context.clock.now(), level: 'warning', text });
    }
    return network;
  });
}

/** Booted guests on one network. */
export class Cluster implements AsyncDisposable {
  readonly network: Network;
  readonly keys: TestbedKeys;
  readonly shape: ClusterShape;
  readonly products: Products;
  /** The measured link. Undefined when it was not measured, or when there is only one node. */
  link: LinkMeasurement | undefined;
  readonly #plan: ClusterPlan;
  readonly #owned: DisposalStack;
  readonly #nodes = new Map<number, Node>();
  /** Indexes of the nodes that are cut off. */
  readonly #cut = new Set<number>();
  readonly #flows = new Set<string>();

  constructor(
    plan: ClusterPlan,
    /** Which accelerator and why. */
    readonly accelerator: string,
    owned: DisposalStack,
  ) {
    this.#plan = plan;
    this.#owned = owned;
    this.network = plan.network;
    this.keys = plan.keys;
    this.shape = plan.shape;
    this.products = plan.products;
  }

  /** In order: node1 first. */
  get nodes(): readonly Node[] {
    return [...this.#nodes.entries()].sort(([a], [b]) => a - b).map(([, node]) => node);
  }

  /** Cuts a node off the network between the nodes, or joins it again. */
  async setConnected(index: number, connected: boolean): Promise<void> {
    await this.network.setConnected(index, connected);
    if (connected) this.#cut.delete(index);
    else this.#cut.add(index);
  }

  isConnected(index: number): boolean {
    return !this.#cut.has(index);
  }

  /** Names of the set-up flows that have been run. A node that is booted again has lost its part in them. */
  get flows(): readonly string[] {
    return [...this.#flows];
  }

  async bootAll(context: Context): Promise<void> {
    // When one boot fails, the others are no longer waited for. Their QEMUs end when the cluster is disposed of.
    const failed = new AbortController();
    const inner = { ...context, signal: AbortSignal.any([context.signal, failed.signal]) };
    const booting = this.shape.nodes.map(async (_, i) => {
      try {
        await this.#bootOne(inner, i + 1);
      } catch (thrown) {
        failed.abort(thrown);
        throw thrown;
      }
    });
    const outcomes = await Promise.allSettled(booting);
    if (failed.signal.aborted) throw failed.signal.reason as Error;
    const rejected = outcomes.find((outcome) => outcome.status === 'rejected');
    if (rejected !== undefined) throw rejected.reason as Error;
    await this.#settleLink(context);
  }

  /**
   * Runs a set-up flow on the nodes.
   * @throws the error of the step that fails
   */
  async runFlow(
    context: Context,
    name: string,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<FlowOutcome> {
    const flow = await loadFlow(context.paths, name);
    const outcome = await this.whileAlive(async (alive) =>
      runFlow(
        { ...context, signal: AbortSignal.any([context.signal, alive]) },
        flow,
        this.#flowNodes(),
        environment,
      ),
    );
    if (outcome.status === 'done') this.#flows.add(name);
    // Steps that keep running end with the cluster.
    return this.#owned.use(outcome);
  }

  /** Runs `work` with a signal that is aborted when any of the guests dies. */
  async whileAlive<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const nested = this.nodes.reduce<(signals: readonly AbortSignal[]) => Promise<T>>(
      (inner, { qemu }) =>
        async (signals) =>
          qemu.whileAlive(async (signal) => inner([...signals, signal])),
      async (signals) => work(AbortSignal.any([...signals])),
    );
    return await nested([]);
  }

  /** Ends a node's QEMU, boots it again and waits until it answers. Its disks are fresh. */
  async reboot(context: Context, index: number): Promise<void> {
    await this.#nodes.get(index)?.[Symbol.asyncDispose]();
    this.#nodes.delete(index);
    this.#flows.clear();
    await this.#bootOne(context, index);
    const session = this.#nodes.get(index)?.session;
    if (session !== undefined)
      await emulateDelayInGuests(this.network, [session], this.shape.link, context.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await Promise.all([...this.#nodes.values()].map(async (node) => node[Symbol.asyncDispose]()));
    } finally {
      await this.#owned[Symbol.asyncDispose]();
    }
  }

  async #bootOne(context: Context, index: number): Promise<void> {
    const name = nodeName(index);
    await stage(context, `boot/${name}`, `Boot ${name}`, async () => {
      const spec = await makeNodeFolder(context, this.#plan, index);
      this.#nodes.set(index, await Node.boot(context, spec, credentialsOf(this.keys, index)));
    });
  }

  #flowNodes(): readonly FlowNode[] {
    return this.nodes.map(({ name, index, address, session }) => {
      const role = this.shape.nodes[index - 1]?.role ?? 'compute';
      return flowNodeOverSsh({ name, role, address }, session);
    });
  }

  async #settleLink(context: Context): Promise<void> {
    const sessions = this.nodes.map(({ session }) => session);
    await emulateDelayInGuests(this.network, sessions, this.shape.link, context.signal);
    const [from, to] = this.nodes;
    if (!this.#plan.measure || from === undefined || to === undefined) return;
    await stage(context, 'boot/link', 'Measure the link', async (current) => {
      const ends = [from, to] as const;
      const link = await this.whileAlive(async (alive) =>
        measureLink({ ...context, signal: AbortSignal.any([context.signal, alive]) }, ends, this.shape.link),
      );
      this.link = link;
      current.note(`${Math.round(link.throughput / 1e6)} Mbit/s, ${Math.round(link.roundTripUs.median)} us`);
      for (const text of link.warnings) {
        context.events({ type: 'notice', at: context.clock.now(), level: 'warning', text });
      }
    });
  }
}
