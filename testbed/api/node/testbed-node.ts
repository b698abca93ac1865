// SPDX-License-Identifier: MIT
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pollUntil } from '../../base/clock/deadline.js';
import { RemoteCommandFailed } from '../../machines/ssh/errors.js';
import type { ExecOptions, RemoteExit, RemoteFinished } from '../../machines/ssh/session.js';
import type { RequestOptions } from '../../supervisor/client.js';
import { NotRunningError } from '../../supervisor/errors.js';
import type { ExecAnswer, NodeStatus, Terminal, TestbedStatus } from '../../supervisor/protocol.js';
import { type CallOptions, forCall } from '../context/open-context.js';
import { RemoteCommandSucceeded } from './errors.js';
import { type Installation, installPackages, type InstallTarget } from './install-packages.js';
import { KeptOutput } from './kept-output.js';
import type { SupervisorLink } from './supervisor-link.js';

/** A program on the node and its arguments, which arrive byte for byte. No shell reads them. */
export type Command = readonly [program: string, ...arguments_: string[]];

/** How a command ended and what it printed. */
export interface Finished extends RemoteFinished {
  /** What the node's kernel ended for want of memory meanwhile; looked for only when the command was killed. */
  readonly oomKills: ExecAnswer['oomKills'];
}

/** How long a wait may take. */
export interface WaitOptions extends CallOptions {
  /** Most milliseconds; 60 000 when left out. TESTBED_PATIENCE multiplies it. */
  readonly deadlineMs?: number;
  /** Milliseconds between two attempts; 200 when left out. */
  readonly everyMs?: number;
}

/** Bytes both ways between the caller and something on a node. */
export type Streams = CallOptions & Pick<RequestOptions, 'stdin' | 'onStdout' | 'onResizable'>;

const WAIT_MS = 60_000;
const EVERY_MS = 200;

/**
 * A guest that is up. Every method rejects with the reason of its signal when that is aborted, and with NotRunningError
 * when the testbed has ended meanwhile.
 */
export class TestbedNode {
  readonly name: string;
  /** IPv4, on the network between the nodes. */
  readonly address: string;
  readonly #link: SupervisorLink;

  /** @internal */
  constructor(link: SupervisorLink, { name, address }: Pick<NodeStatus, 'name' | 'address'>) {
    this.#link = link;
    this.name = name;
    this.address = address;
  }

  /**
   * Runs a command as root to its end, whatever status that is. Aborting kills the command's process group.
   * @throws OutputTooLongError when it prints more than 32 MiB and `keep` is not `discard`
   * @throws RelayedError with code E_SSH_LOST when the connection breaks, E_GUEST_DIED when the guest dies
   */
  async exec(command: Command, options: ExecOptions = {}): Promise<Finished> {
    const { signal, input, env, onStdout, onStderr, keep = 'buffer' } = options;
    const owner = { node: this.name, program: command[0] };
    const stdout = new KeptOutput(owner, keep, onStdout);
    const stderr = new KeptOutput(owner, keep, onStderr);
    const request = { verb: 'exec', node: this.name, argv: command, input: input !== undefined } as const;
    const answer = await this.#link.ask<ExecAnswer>(env === undefined ? request : { ...request, env }, {
      onStdout: async (chunk) => stdout.take(chunk),
      onStderr: async (chunk) => stderr.take(chunk),
      ...(input === undefined ? {} : { stdin: chunksOf(input) }),
      ...(signal === undefined ? {} : { signal }),
    });
    return { ...exitOf(answer), oomKills: answer.oomKills, stdout: stdout.text, stderr: stderr.text };
  }

  /**
   * Runs a command that has to end with status 0.
   * @returns its standard output
   * @throws RemoteCommandFailed on any other end, with the last lines that it printed; and as {@link exec}
   */
  async succeed(command: Command, options: ExecOptions = {}): Promise<string> {
    const finished = await this.exec(command, options);
    if (finished.code !== 0) throw this.#failure(command, finished);
    return finished.stdout;
  }

  /**
   * Runs a command that has to end with another status than 0, or by a signal.
   * @throws RemoteCommandSucceeded on status 0; and as {@link exec}
   */
  async fail(command: Command, options: ExecOptions = {}): Promise<Finished> {
    const finished = await this.exec(command, options);
    if (finished.code === 0) throw new RemoteCommandSucceeded(this.name, command);
    return finished;
  }

  /**
   * Runs a command again and again until it ends with status 0.
   * @returns its standard output
   * @throws DeadlineError, with the last lines of the attempt before
   */
  async waitUntilSucceeds(command: Command, options: WaitOptions = {}): Promise<string> {
    const { stdout } = await this.#wait('success', command, options, ({ code }) => code === 0);
    return stdout;
  }

  /** Runs a command again and again until it does not end with status 0. @throws DeadlineError */
  async waitUntilFails(command: Command, options: WaitOptions = {}): Promise<Finished> {
    return await this.#wait('failure', command, options, ({ code }) => code !== 0);
  }

  /**
   * Copies a file or folder of the host to the node, by the rules of `scp -r`. Modes and times are kept.
   * @throws RelayedError with code E_TRANSFER
   */
  async copyFromHost(hostPath: string, nodePath: string, options: CallOptions = {}): Promise<void> {
    const paths = { local: resolve(hostPath), remote: nodePath };
    await this.#link.ask({ verb: 'push', node: this.name, ...paths }, options);
  }

  /** Copies a file or folder of the node to the host, by the rules of {@link copyFromHost}. */
  async copyToHost(nodePath: string, hostPath: string, options: CallOptions = {}): Promise<void> {
    const paths = { local: resolve(hostPath), remote: nodePath };
    await this.#link.ask({ verb: 'pull', node: this.name, ...paths }, options);
  }

  /**
   * Puts Debian packages, and all that they depend on, into the running guest. What was put there before in the same
   * version is left alone.
   * @throws as {@link installPackages}
   */
  async install(packages: readonly string[], options: CallOptions = {}): Promise<Installation> {
    const context = forCall(this.#link.context, options);
    const { signal } = context;
    const succeed: InstallTarget['succeed'] = async (command, { input } = {}) =>
      this.succeed(command, input === undefined ? { signal } : { signal, input });
    return await installPackages(context, { name: this.name, succeed }, packages);
  }

  /** Cuts the node off the network between the nodes. The host still reaches it. */
  async partition(options: CallOptions = {}): Promise<void> {
    await this.#link.ask({ verb: 'partition', node: this.name, connected: false }, options);
  }

  /** Joins it again. */
  async heal(options: CallOptions = {}): Promise<void> {
    await this.#link.ask({ verb: 'partition', node: this.name, connected: true }, options);
  }

  /** Panics the node's kernel. */
  async crash(options: CallOptions = {}): Promise<void> {
    await this.#link.ask({ verb: 'crash', node: this.name }, options);
  }

  /** Resets the node and waits until it answers again. */
  async reboot(options: CallOptions = {}): Promise<void> {
    await this.#link.ask({ verb: 'reboot', node: this.name }, options);
  }

  /** What the node is now: whether it lives, its memory, the path of its console's log. */
  async status(options: CallOptions = {}): Promise<NodeStatus> {
    const { nodes } = await this.#link.ask<TestbedStatus>({ verb: 'attach' }, options);
    const own = nodes.find(({ name }) => name === this.name);
    // Another testbed of that name, with fewer nodes.
    if (own === undefined) throw new NotRunningError(this.#link.place.name);
    return own;
  }

  /** A login shell, or a command, on a terminal. Everything that it prints is given to `onStdout`. */
  async shell(terminal: Terminal, argv: readonly string[], streams: Streams): Promise<RemoteExit> {
    const command = argv.length === 0 ? {} : { argv };
    return await this.#link.ask({ verb: 'shell', node: this.name, terminal, ...command }, streams);
  }

  /** The serial console, both ways, until `stdin` ends. */
  async console(streams: Streams): Promise<void> {
    await this.#link.ask({ verb: 'console', node: this.name }, streams);
  }

  /** The node's ssh port, both ways: what `ssh -o ProxyCommand` wants. */
  async proxy(streams: Streams): Promise<void> {
    await this.#link.ask({ verb: 'proxy', node: this.name }, streams);
  }

  async #wait(
    what: string,
    command: Command,
    { deadlineMs = WAIT_MS, everyMs = EVERY_MS, ...call }: WaitOptions,
    enough: (finished: Finished) => boolean,
  ): Promise<Finished> {
    const { clock, signal } = forCall(this.#link.context, call);
    let last: Finished | undefined;
    const wait = {
      what: `${what} of \`${command.join(' ')}\` on ${this.name}`,
      deadlineMs,
      everyMs,
      clock,
      signal,
      excerpt: () => (last === undefined ? [] : this.#failure(command, last).excerpt),
    };
    return await pollUntil(wait, async (inner) => {
      last = await this.exec(command, { signal: inner });
      return enough(last) ? last : undefined;
    });
  }

  #failure(command: Command, finished: Finished): RemoteCommandFailed {
    const { stdout, stderr } = finished;
    return new RemoteCommandFailed(this.name, command, exitOf(finished), `${stdout}\n${stderr}`);
  }
}

/** JSON leaves out what is undefined. */
function exitOf({ code, signal }: Partial<RemoteExit>): RemoteExit {
  return { code, signal };
}

async function* chunksOf(input: NonNullable<ExecOptions['input']>): AsyncGenerator<Buffer> {
  if (input instanceof Readable)
    for await (const chunk of input as AsyncIterable<Buffer | string>) yield Buffer.from(chunk);
  else yield Buffer.from(input);
}
