// SPDX-License-Identifier: MIT
import type { Clock } from '../../base/clock/clock.js';
import { untilAborted } from '../../base/lifecycle/aborted.js';
import { atMost } from './at-most.js';
import { commandLine, type CommandLine, terminalCommandLine } from './remote-command-line.js';
import type { ConnectionPool } from './connection-pool.js';
import { RemoteError } from './errors.js';
import { withFiles } from './lent-files.js';
import { killGroup } from './process-group.js';
import { RemoteCommand } from './remote-command.js';
import type {
  ExecOptions,
  RemoteFinished,
  SshSession,
  Terminal,
  TerminalShape,
  TransferProgress,
} from './session.js';
import { RemoteTerminal } from './remote-terminal.js';
import { succeeded } from './succeeded.js';
import { pull, push, type TransferringSession } from './transfer.js';

/** Longest time that closing a session waits for the commands that it kills. */
const LAST_KILLS_MS = 3_000;

/** A session over ssh2. */
export class Session implements SshSession {
  readonly #clock: Clock;
  readonly #pool: ConnectionPool;
  readonly #running = new Set<RemoteCommand>();

  constructor(
    readonly node: string,
    clock: Clock,
    pool: ConnectionPool,
  ) {
    this.#clock = clock;
    this.#pool = pool;
  }

  async exec(argv: readonly [string, ...string[]], options: ExecOptions = {}): Promise<RemoteFinished> {
    options.signal?.throwIfAborted();
    const line = commandLine(this.node, argv, options.env);
    // When the signal is aborted before the command has started, the command is cancelled as soon as it starts.
    const command = await untilAborted(this.#start(argv[0], line, options), options.signal);
    return await command.finished;
  }

  async #start(program: string, line: CommandLine, options: ExecOptions): Promise<RemoteCommand> {
    const connection = await this.#pool.borrow();
    try {
      options.signal?.throwIfAborted();
      const channel = await connection.start(line.text);
      const kill = async (group: number): Promise<void> => killGroup(this.#pool, group);
      const command = new RemoteCommand({ connection, channel, program, line, kill, options });
      this.#running.add(command);
      void command.gone.then(() => {
        this.#running.delete(command);
        this.#pool.release(connection);
      });
      return command;
    } catch (thrown) {
      this.#pool.release(connection);
      throw thrown;
    }
  }

  async succeed(argv: readonly [string, ...string[]], options: ExecOptions = {}): Promise<RemoteFinished> {
    return succeeded(this.node, argv, await this.exec(argv, options));
  }

  async push(
    localPath: string,
    remotePath: string,
    signal?: AbortSignal,
    onProgress?: TransferProgress,
  ): Promise<void> {
    await push(this.#transferring, { localPath, remotePath, signal, onProgress });
  }

  async pull(
    remotePath: string,
    localPath: string,
    signal?: AbortSignal,
    onProgress?: TransferProgress,
  ): Promise<void> {
    await pull(this.#transferring, { localPath, remotePath, signal, onProgress });
  }

  get #transferring(): TransferringSession {
    return {
      node: this.node,
      clock: this.#clock,
      exec: async (argv, options) => this.exec(argv, options),
      withFiles: async (signal, use) => withFiles(this.#pool, signal, use),
    };
  }

  async shell(shape: TerminalShape, argv: readonly string[] = []): Promise<Terminal> {
    const line = argv.length === 0 ? undefined : terminalCommandLine(this.node, argv);
    const { rows, columns, term } = shape;
    const connection = await this.#pool.borrow();
    try {
      return new RemoteTerminal(connection, await connection.start(line, { rows, cols: columns, term }));
    } catch (thrown) {
      this.#pool.release(connection);
      throw thrown;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closing = new RemoteError(this.node, 'the session was closed while the command was running');
    const killed = Promise.all([...this.#running].map(async (command) => command.cancel(closing)));
    await atMost(this.#clock, LAST_KILLS_MS, killed);
    await this.#pool[Symbol.asyncDispose]();
  }
}
