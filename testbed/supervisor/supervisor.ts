// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { toErrorRecord } from '../base/error/error-record.js';
import type { ErrorRecord } from '../base/error/testbed-error.js';
import type { Broadcast } from '../base/event/broadcast.js';
import type { Cluster } from '../machines/cluster/cluster.js';
import type { Context } from '../base/host/context.js';
import type { KernelProduct } from '../products/kernel/line/kernel-product.js';
import { explainStack } from '../products/kernel/stack.js';
import { DisposalStack } from '../base/lifecycle/disposal-stack.js';
import { Channel } from './channel.js';
import { InterruptedError } from '../base/lifecycle/interrupted-error.js';
import { NotRunningError, NotUpYetError, SupervisorBusyError } from './errors.js';
import { type Frame, FrameType } from './frame.js';
import { HostInputError } from '../virtual-time/errors.js';
import type { Request } from './protocol.js';
import { answerRequest } from './requests.js';
import { removeSockets, type TestbedPlace } from './registry.js';

/** What a testbed is doing. */
export type SupervisorState =
  | { readonly kind: 'empty' }
  | { readonly kind: 'starting' }
  | {
      readonly kind: 'up';
      readonly cluster: Cluster;
      /** Whether the testbed outlives the process that started it. */
      readonly detached: boolean;
    }
  | {
      readonly kind: 'running';
      /** Whether its guests run in virtual time, where nothing may reach them from the host. */
      readonly virtualTime: boolean;
    };

const EMPTY: SupervisorState = { kind: 'empty' };

/**
 * Owner of everything that a testbed has running: cluster, QMP, consoles, ssh sessions. Listens on the testbed's
 * socket until it is told `down` or its context is aborted.
 */
export class Supervisor implements AsyncDisposable {
  readonly since: Date;
  #state = EMPTY;
  /** The kernel of the guests that run, or ran last. Stack traces in errors are decoded with it. */
  #kernel: KernelProduct | undefined;
  readonly #server: Server;
  readonly #channels = new Set<Channel>();
  readonly #owned = new DisposalStack();
  readonly #ended = new AbortController();
  #ending = false;

  constructor(
    readonly context: Context,
    readonly place: TestbedPlace,
    readonly broadcast: Broadcast,
  ) {
    this.since = context.clock.date();
    this.#server = createServer({ allowHalfOpen: false }, (socket) => {
      void this.#serve(socket);
    });
  }

  /** Aborted when `down` has been asked for. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  async listen(): Promise<void> {
    await rm(this.place.socket, { force: true });
    this.#server.listen(this.place.socket);
    await once(this.#server, 'listening');
  }

  get state(): SupervisorState {
    return this.#state;
  }

  /** @throws as {@link requireUp} */
  get cluster(): Cluster {
    return this.requireUp().cluster;
  }

  /** @throws NotUpYetError; HostInputError while guests run in virtual time */
  requireUp(): Extract<SupervisorState, { readonly kind: 'up' }> {
    const state = this.#state;
    if (state.kind === 'running' && state.virtualTime) throw new HostInputError('What is asked for');
    if (state.kind !== 'up') throw new NotUpYetError(state.kind);
    return state;
  }

  /**
   * Boots a cluster and sets it up. When that fails, the testbed is empty again, and whatever was booted ends with the
   * supervisor.
   * @throws SupervisorBusyError unless the testbed is empty; what `boot` and `setUp` throw
   */
  async bringUp(
    kernel: KernelProduct,
    boot: () => Promise<Cluster>,
    setUp: (cluster: Cluster) => Promise<void>,
  ): Promise<void> {
    this.#begin({ kind: 'starting' }, kernel);
    try {
      const cluster = this.#owned.use(await boot());
      await setUp(cluster);
      this.#state = { kind: 'up', cluster, detached: false };
    } catch (thrown) {
      this.#state = EMPTY;
      throw thrown;
    }
  }

  /** From now on the testbed outlives the process that started it. @throws as {@link requireUp} */
  detach(): void {
    this.#state = { ...this.requireUp(), detached: true };
  }

  /**
   * Runs an experiment, which brings its own guests; the testbed is empty again afterwards.
   * @throws SupervisorBusyError unless the testbed is empty; what `work` throws
   */
  async runExperiment<T>(
    kernel: KernelProduct,
    { virtualTime }: { readonly virtualTime: boolean },
    work: () => Promise<T>,
  ): Promise<T> {
    this.#begin({ kind: 'running', virtualTime }, kernel);
    try {
      return await work();
    } finally {
      this.#state = EMPTY;
    }
  }

  end(): void {
    this.#ended.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending = true;
    try {
      await this.#owned[Symbol.asyncDispose]();
    } finally {
      await removeSockets(this.place);
      // Only now: whoever finds no answer can then see, by the record, that we have ended in order.
      this.#server.close();
      for (const channel of this.#channels) channel.destroy();
    }
  }

  #begin(state: SupervisorState, kernel: KernelProduct): void {
    if (this.#state.kind !== 'empty') throw new SupervisorBusyError(this.#state.kind);
    this.#state = state;
    this.#kernel = kernel;
  }

  async #explained(thrown: unknown): Promise<ErrorRecord> {
    const record = toErrorRecord(thrown);
    return this.#kernel === undefined ? record : await explainStack(this.context, this.#kernel, record);
  }

  async #serve(socket: Socket): Promise<void> {
    const channel = new Channel(socket);
    this.#channels.add(channel);
    try {
      const frames = channel[Symbol.asyncIterator]();
      const first = await frames.next();
      if (first.done === true || first.value.type !== FrameType.Request) return;
      const request = JSON.parse(first.value.payload.toString()) as Request;
      if (this.#ending && request.verb !== 'down')
        throw new NotRunningError(this.place.name, 'is being brought down');
      const signal = AbortSignal.any([this.context.signal, departure(channel)]);
      const result = await answerRequest(this, request, { channel, frames, signal });
      await channel.send(FrameType.Result, JSON.stringify(result ?? null));
    } catch (thrown) {
      await channel.send(FrameType.Error, JSON.stringify(await this.#explained(thrown)));
    } finally {
      this.#channels.delete(channel);
      channel.end();
    }
  }
}

/** What a request is answered with: its connection. */
export interface Exchange {
  readonly channel: Channel;
  /** The frames that the client sends after its request. */
  readonly frames: AsyncIterator<Frame>;
  /** Aborted when the client has gone or the testbed ends. */
  readonly signal: AbortSignal;
}

function departure(channel: Channel): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort(new InterruptedError('client'));
  };
  if (channel.closed.aborted) abort();
  else channel.closed.addEventListener('abort', abort, { once: true });
  return controller.signal;
}
