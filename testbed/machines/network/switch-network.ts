// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { withDeadline } from '../../base/clock/deadline.js';
import type { Context } from '../../base/host/context.js';
import { DisposalStack } from '../../base/lifecycle/disposal-stack.js';
import type { RunningProcess } from '../../base/process/process-runner.js';
import { nodeAddress, nodeMac, PREFIX_LENGTH } from './addressing.js';
import { SwitchLostError } from './errors.js';
import { batch } from './iproute.js';
import type { Attachment, LinkSpec, Network, TrafficCounters } from './network.js';
import { shapingOf } from './shaping.js';
import type { SwitchConfig, SwitchReply, SwitchRequest } from './switch-protocol.js';

const START_MS = 15_000;
const REPLY_MS = 10_000;
const STDERR_LINES = 20;
const LOCALHOST = '127.0.0.1';

/** The guest's address in QEMU's own user network. hostfwd leads to address 15 of 10.0.2.0/24 by default. */
const SSH_ADDRESS = '10.0.2.15/24';

/**
 * The network for hosts that allow no taps. A switch process of the testbed joins the guests' `-netdev stream`, and ssh
 * uses a second NIC over a port of 127.0.0.1. (QEMU's `-netdev socket` is not used: it stalls for 40 ms at a time.)
 * @param where.sockets an existing folder for the ports' unix sockets; short, a socket's path has at most 107 bytes
 * @throws SwitchLostError, DeadlineError when the switch does not start
 */
export async function createSwitchNetwork(
  context: Context,
  where: { readonly nodes: number; readonly link: LinkSpec; readonly sockets: string },
): Promise<Network> {
  if (networkInterfaces()['lo'] === undefined) await batch(context, 'ip', ['link set lo up']);
  const sockets = Array.from({ length: where.nodes }, (_, i) => join(where.sockets, `port${i + 1}`));
  for (const socket of sockets) await rm(socket, { force: true });
  const config: SwitchConfig = { shaping: shapingOf(where.link), sockets };
  const owned = new DisposalStack();
  try {
    const program = fileURLToPath(new URL('switch-process.js', import.meta.url));
    const running = owned.use(
      await context.processes.start([process.execPath, program, JSON.stringify(config)], {
        stdio: ['pipe', 'pipe', 'pipe'],
        orphan: 'dies',
      }),
    );
    for (const socket of sockets) owned.defer(() => rm(socket, { force: true }));
    const switchProcess = new SwitchProcess(context, running);
    await switchProcess.listening(context.signal);
    return new SwitchNetwork(switchProcess, sockets, where.link, owned.move());
  } catch (thrown) {
    await owned[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** The testbed's end of the switch's standard input and output. */
class SwitchProcess {
  readonly #context: Context;
  readonly #running: RunningProcess;
  readonly #waiting = new Map<number, (counters: TrafficCounters) => void>();
  readonly #lost: Promise<never>;
  readonly #started: Promise<void>;
  readonly #stderr: string[] = [];
  #announce: () => void = () => undefined;
  #nextId = 1;

  constructor(context: Context, running: RunningProcess) {
    this.#context = context;
    this.#running = running;
    this.#started = new Promise((resolve) => {
      this.#announce = resolve;
    });
    this.#lost = running.exited.then(() => {
      throw new SwitchLostError('has ended', { excerpt: this.#stderr });
    });
    this.#lost.catch(() => undefined);
    void this.#readReplies();
    void this.#readErrors();
  }

  async listening(signal: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    await withDeadline({ what: "the switch's start", deadlineMs: START_MS, clock, signal }, () =>
      Promise.race([this.#started, this.#lost]),
    );
  }

  async ask(question: { readonly node: number; readonly connected?: boolean }): Promise<TrafficCounters> {
    const id = this.#nextId++;
    const { node, connected } = question;
    const request: SwitchRequest =
      connected === undefined ? { id, verb: 'counters', node } : { id, verb: 'connect', node, connected };
    const answer = new Promise<TrafficCounters>((resolve) => {
      this.#waiting.set(id, resolve);
    });
    this.#running.stdin?.write(`${JSON.stringify(request)}\n`);
    const { clock } = this.#context;
    try {
      return await withDeadline({ what: "the switch's answer", deadlineMs: REPLY_MS, clock }, () =>
        Promise.race([answer, this.#lost]),
      );
    } finally {
      this.#waiting.delete(id);
    }
  }

  async #readReplies(): Promise<void> {
    // When the switch has ended, a write fails here, and `#lost` reports it to the caller.
    this.#running.stdin?.on('error', () => undefined);
    await eachLine(this.#running.stdout, (line) => {
      const reply = JSON.parse(line) as SwitchReply;
      if ('listening' in reply) this.#announce();
      else this.#waiting.get(reply.id)?.(reply.counters);
    });
  }

  async #readErrors(): Promise<void> {
    await eachLine(this.#running.stderr, (line) => {
      this.#stderr.push(line);
      if (this.#stderr.length > STDERR_LINES) this.#stderr.shift();
    });
  }
}

async function eachLine(stream: Readable | undefined, take: (line: string) => void): Promise<void> {
  if (stream === undefined) return;
  try {
    for await (const line of createInterface({ input: stream })) take(line);
  } catch {
    // A broken pipe means that the process has ended, which is noticed separately.
  }
}

class SwitchNetwork implements Network {
  readonly kind = 'switch';
  readonly prefixLength = PREFIX_LENGTH;
  readonly shortfalls = [
    'no taps: frames pass a user-space switch without segmentation offload, which costs throughput',
  ];
  readonly delay: Network['delay'];
  readonly #switch: SwitchProcess;
  readonly #sockets: readonly string[];
  readonly #owned: DisposalStack;

  constructor(running: SwitchProcess, sockets: readonly string[], link: LinkSpec, owned: DisposalStack) {
    this.#switch = running;
    this.#sockets = sockets;
    this.#owned = owned;
    this.delay = link.delayUs === 0 ? 'none' : 'guests';
  }

  async attach(index: number): Promise<Attachment> {
    const socket = this.#sockets[index - 1];
    if (socket === undefined) throw new RangeError(`the network has no node ${index}`);
    const mac = nodeMac(index);
    const port = await freePort();
    return {
      index,
      mac,
      address: nodeAddress(index),
      qemuArguments: [
        '-netdev',
        `stream,id=link,server=off,addr.type=unix,addr.path=${socket.replaceAll(',', ',,')}`,
        '-device',
        `virtio-net-pci,netdev=link,mac=${mac},romfile=`,
        '-netdev',
        `user,id=ssh,restrict=on,hostfwd=tcp:${LOCALHOST}:${port}-:22`,
        '-device',
        'virtio-net-pci,netdev=ssh,romfile=',
      ],
      descriptors: [],
      ssh: { host: LOCALHOST, port },
      sshAddress: SSH_ADDRESS,
    };
  }

  async counters(index: number): Promise<TrafficCounters> {
    return await this.#switch.ask({ node: index });
  }

  async setConnected(index: number, connected: boolean): Promise<void> {
    await this.#switch.ask({ node: index, connected });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]();
  }
}

/**
 * A port on which nothing listens. QEMU takes it a moment later. The kernel hands out ephemeral ports at random, and in a
 * namespace of the testbed's own no other process asks for one.
 */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, LOCALHOST);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return address.port;
}
