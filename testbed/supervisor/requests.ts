// SPDX-License-Identifier: MIT
import { createConnection } from 'node:net';
import { once } from 'node:events';
import { type Duplex, Readable } from 'node:stream';
import { bootCluster } from '../machines/cluster/cluster.js';
import type { Node } from '../machines/node/node.js';
import { writeAccess } from '../machines/cluster/access.js';
import { runExperiment } from './run-experiment.js';
import type { Context } from '../base/host/context.js';
import { awaitOomReport } from '../machines/node/oom-report.js';
import type { RemoteExit } from '../machines/ssh/session.js';
import { UnknownNodeError } from './errors.js';
import { type Frame, FrameType } from './frame.js';
import type { ExecAnswer, Request, TestbedStatus } from './protocol.js';
import { statusOf } from './status.js';
import { stdinOf, typeInto } from './stdin.js';
import type { Exchange, Supervisor } from './supervisor.js';

/** Exit status of a shell whose command was ended by SIGKILL: 128 + 9. */
const SHELL_KILLED = 137;

type Asked<V extends Request['verb']> = Extract<Request, { readonly verb: V }>;

/** Answers one request. The value that it resolves to becomes the result frame. */
export async function answerRequest(
  supervisor: Supervisor,
  request: Request,
  exchange: Exchange,
): Promise<unknown> {
  switch (request.verb) {
    case 'up':
      return await withEvents(supervisor, exchange, async () => up(supervisor, request, exchange));
    case 'run':
      return await withEvents(supervisor, exchange, async () => run(supervisor, request, exchange));
    case 'flow':
      return await withEvents(supervisor, exchange, async () => flow(supervisor, request.flow, exchange));
    case 'status':
      return statusOf(supervisor);
    case 'attach':
      supervisor.requireUp();
      return statusOf(supervisor);
    case 'detach':
      supervisor.detach();
      return statusOf(supervisor);
    case 'exec':
      return await exec(supervisor.context, nodeOf(supervisor, request.node), request, exchange);
    case 'shell':
      return await shell(nodeOf(supervisor, request.node), request, exchange);
    case 'console':
      await watchConsole(nodeOf(supervisor, request.node).qemu.console(), exchange);
      return undefined;
    case 'proxy':
      await proxy(nodeOf(supervisor, request.node), exchange);
      return undefined;
    case 'push':
      await nodeOf(supervisor, request.node).session.push(request.local, request.remote, exchange.signal);
      return undefined;
    case 'pull':
      await nodeOf(supervisor, request.node).session.pull(request.remote, request.local, exchange.signal);
      return undefined;
    case 'reboot':
      await supervisor.cluster.reboot(
        { ...supervisor.context, signal: exchange.signal },
        nodeOf(supervisor, request.node).index,
      );
      return statusOf(supervisor);
    case 'crash':
      await nodeOf(supervisor, request.node).qemu.crash();
      return statusOf(supervisor);
    case 'partition':
      await supervisor.cluster.setConnected(nodeOf(supervisor, request.node).index, request.connected);
      return undefined;
    case 'down':
      supervisor.end();
      return undefined;
  }
}

async function withEvents<T>(
  supervisor: Supervisor,
  { channel }: Exchange,
  body: () => Promise<T>,
): Promise<T> {
  const unsubscribe = supervisor.broadcast.subscribe((event) => {
    // Consoles have logs of their own. A client that does not read must not fill our memory.
    if (event.type !== 'console-line' && channel.backlog < EVENT_BACKLOG) {
      channel.post(FrameType.Event, JSON.stringify(event));
    }
  });
  try {
    return await body();
  } finally {
    unsubscribe();
  }
}

/** When a client has this many bytes of events unread, it does not get new ones. */
const EVENT_BACKLOG = 8 * 1024 * 1024;

async function up(
  supervisor: Supervisor,
  request: Asked<'up'>,
  { signal }: Exchange,
): Promise<TestbedStatus> {
  const { shape, products, flows } = request;
  const { folder, sockets } = supervisor.place;
  const context: Context = { ...supervisor.context, signal };
  await supervisor.bringUp(
    products.kernel,
    async () => bootCluster(context, { shape, products, folder, sockets, measure: true }),
    async (cluster) => {
      await writeAccess(folder, cluster);
      for (const name of flows) await cluster.runFlow(context, name);
    },
  );
  return statusOf(supervisor);
}

async function run(supervisor: Supervisor, request: Asked<'run'>, { signal }: Exchange): Promise<unknown> {
  const { kernel } = request.products;
  const { sockets } = supervisor.place;
  const virtualTime = request.plan.cells.some(({ shape }) => shape.virtualTime !== undefined);
  return await supervisor.runExperiment(kernel, { virtualTime }, async () =>
    runExperiment({ ...supervisor.context, signal }, { ...request, sockets }),
  );
}

async function flow(supervisor: Supervisor, name: string, { signal }: Exchange): Promise<unknown> {
  return await supervisor.cluster.runFlow({ ...supervisor.context, signal }, name);
}

function nodeOf(supervisor: Supervisor, name: string): Node {
  const { nodes } = supervisor.cluster;
  const node = nodes.find((one) => one.name === name);
  if (node === undefined)
    throw new UnknownNodeError(
      name,
      nodes.map((one) => one.name),
    );
  return node;
}

async function exec(
  context: Context,
  { qemu, session }: Node,
  request: Asked<'exec'>,
  exchange: Exchange,
): Promise<ExecAnswer> {
  const { channel, frames } = exchange;
  const earlier = qemu.oomKills.length;
  return await qemu.whileAlive(async (alive) => {
    const { code, signal } = await session.exec(request.argv, {
      signal: AbortSignal.any([exchange.signal, alive]),
      keep: 'discard',
      ...(request.env === undefined ? {} : { env: request.env }),
      ...(request.input ? { input: Readable.from(stdinOf(frames), { objectMode: false }) } : {}),
      onStdout: (chunk) => channel.send(FrameType.Stdout, chunk),
      onStderr: (chunk) => channel.send(FrameType.Stderr, chunk),
    });
    if (signal !== 'SIGKILL' && code !== SHELL_KILLED) return { code, signal, oomKills: [] };
    const inner = { ...context, signal: exchange.signal };
    await awaitOomReport(inner, () => qemu.oomKills.length > earlier);
    return { code, signal, oomKills: qemu.oomKills.slice(earlier) };
  });
}

async function shell({ session }: Node, request: Asked<'shell'>, exchange: Exchange): Promise<RemoteExit> {
  const remote = await session.shell(request.terminal, request.argv);
  const leave = (): void => {
    remote.destroy();
  };
  exchange.signal.addEventListener('abort', leave, { once: true });
  void typeInto(remote, exchange.frames, (size) => {
    remote.resize(size.rows, size.columns);
  });
  for await (const chunk of remote as AsyncIterable<Buffer>)
    await exchange.channel.send(FrameType.Stdout, chunk);
  return await remote.exit;
}

async function proxy({ qemu }: Node, exchange: Exchange): Promise<void> {
  const { host, port } = qemu.spec.attachment.ssh;
  const socket = createConnection({ host, port, noDelay: true });
  await once(socket, 'connect');
  await splice(socket, exchange);
}

/** A console never ends. It is left when the client's input ends. */
async function watchConsole(console: Duplex, exchange: Exchange): Promise<void> {
  const left = new AbortController();
  const typed = async function* (): AsyncGenerator<Frame> {
    for await (const chunk of stdinOf(exchange.frames)) yield { type: FrameType.Stdin, payload: chunk };
    left.abort();
  };
  const signal = AbortSignal.any([exchange.signal, left.signal]);
  await splice(console, { ...exchange, frames: typed(), signal });
}

/** Joins a byte stream to the client's Stdin and Stdout frames; the client's end of input is passed on. */
async function splice(stream: Duplex, { channel, frames, signal }: Exchange): Promise<void> {
  const leave = (): void => {
    stream.destroy();
  };
  signal.addEventListener('abort', leave, { once: true });
  const typed = typeInto(stream, frames, () => undefined).then(() => {
    stream.end();
  });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) await channel.send(FrameType.Stdout, chunk);
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  } finally {
    signal.removeEventListener('abort', leave);
    stream.destroy();
    typed.catch(() => undefined);
  }
}
