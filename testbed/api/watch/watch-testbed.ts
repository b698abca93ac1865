// SPDX-License-Identifier: MIT
import { meansNotRunning, SupervisorLostError } from '../../supervisor/errors.js';
import type { NodeStatus, TestbedStatus } from '../../supervisor/protocol.js';
import { RequestError } from '../context/errors.js';
import { type CallOptions, forCall } from '../context/open-context.js';
import type { SupervisorLink } from '../node/supervisor-link.js';
import { TestbedNode } from '../node/testbed-node.js';
import { alarmsOf } from './alarms.js';
import { lastLines } from './console-tail.js';
import { joinProcesses } from './join-processes.js';
import { ReadingStream } from './reading-stream.js';
import type { NodeView, Snapshot } from './snapshot.js';

export interface WatchOptions extends CallOptions {
  /** Milliseconds from one snapshot to the next, 500 or more; 500 when left out. */
  readonly everyMs?: number;
}

/** Fewer would cost the guests more than they should notice. */
const LEAST_MS = 500;
/** As `elastic watch` has it. */
const MOST_MS = 60_000;

/** Until a node is tried again that could not be read. */
const RETRY_MS = 2_000;

const CONSOLE_LINES = 3;

/**
 * Snapshots of a testbed without end, whether it is up or not. Each node is read by one program that runs there as long
 * as the generator is used.
 * @throws the signal's reason when it is aborted
 */
export async function* watchTestbed(
  link: SupervisorLink,
  options: WatchOptions = {},
): AsyncGenerator<Snapshot, never> {
  const { everyMs = LEAST_MS } = options;
  if (!Number.isInteger(everyMs) || everyMs < LEAST_MS || everyMs > MOST_MS)
    throw new RequestError(
      `${everyMs} ms is too short or too long`,
      `everyMs is between ${LEAST_MS} and ${MOST_MS}.`,
    );
  const { clock, signal } = forCall(link.context, options);
  await using streams = new Streams(link, everyMs, signal);
  for (;;) {
    const status = await statusIfThere(link, signal);
    await streams.follow(status);
    yield await snapshotOf(link, status, streams);
    await clock.sleep(everyMs, signal);
  }
}

/** Undefined while the testbed is down. */
async function statusIfThere(link: SupervisorLink, signal: AbortSignal): Promise<TestbedStatus | undefined> {
  try {
    return await link.ask<TestbedStatus>({ verb: 'status' }, { signal });
  } catch (thrown) {
    if (meansNotRunning(thrown) || thrown instanceof SupervisorLostError) return undefined;
    throw thrown;
  }
}

async function snapshotOf(
  { context, place }: SupervisorLink,
  status: TestbedStatus | undefined,
  streams: Streams,
): Promise<Snapshot> {
  const nodes = status?.nodes ?? [];
  const processes = joinProcesses(nodes.flatMap(({ name }) => streams.of(name)?.read ?? []));
  return {
    at: context.clock.date().toISOString(),
    testbed: place.name,
    state: status?.state ?? 'down',
    emulated: status?.accelerator?.startsWith('tcg') ?? false,
    nodes: await Promise.all(nodes.map(async (node) => viewOf(node, streams.of(node.name)))),
    processes,
    alarms: alarmsOf(nodes, processes),
  };
}

async function viewOf(node: NodeStatus, stream: ReadingStream | undefined): Promise<NodeView> {
  const { name, address, state, connected, memoryBytes, consoleLog } = node;
  const { latest, ageMs } = stream?.read ?? {};
  return {
    name,
    address,
    state,
    connected,
    memoryBytes,
    shells: latest?.processes.filter((row) => row.node !== 0).length ?? 0,
    ...(ageMs === undefined ? {} : { readingAgeMs: ageMs }),
    ...(latest === undefined ? {} : { costMicroseconds: latest.costMicroseconds }),
    ...(stream?.ended === undefined ? {} : { unread: stream.ended }),
    console: await lastLines(consoleLog, CONSOLE_LINES),
  };
}

/** One stream for each node that lives, for as long as the same machine has that name. */
class Streams implements AsyncDisposable {
  readonly #streams = new Map<
    string,
    { readonly qemuPid: number; readonly stream: ReadingStream; since: number }
  >();

  constructor(
    readonly link: SupervisorLink,
    readonly everyMs: number,
    readonly signal: AbortSignal,
  ) {}

  of(node: string): ReadingStream | undefined {
    return this.#streams.get(node)?.stream;
  }

  /** Begins what is missing, and leaves what is gone. */
  async follow(status: TestbedStatus | undefined): Promise<void> {
    const nodes = status?.state === 'up' ? status.nodes.filter(({ state }) => state === 'up') : [];
    for (const [name, { qemuPid }] of this.#streams)
      if (!nodes.some((node) => node.name === name && node.qemuPid === qemuPid)) await this.#leave(name);
    for (const node of nodes) {
      await this.#leaveWhatEnded(node.name);
      if (!this.#streams.has(node.name)) this.#begin(node);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#streams.keys()].map(async (name) => this.#leave(name)));
  }

  #begin(node: NodeStatus): void {
    const { clock } = this.link.context;
    const stream = new ReadingStream(new TestbedNode(this.link, node), clock, this.everyMs, this.signal);
    this.#streams.set(node.name, { qemuPid: node.qemuPid, stream, since: clock.now() });
  }

  async #leaveWhatEnded(name: string): Promise<void> {
    const found = this.#streams.get(name);
    if (found?.stream.ended === undefined) return;
    if (this.link.context.clock.now() - found.since >= RETRY_MS) await this.#leave(name);
  }

  async #leave(name: string): Promise<void> {
    await this.#streams.get(name)?.stream[Symbol.asyncDispose]();
    this.#streams.delete(name);
  }
}
