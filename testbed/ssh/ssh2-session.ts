// SPDX-License-Identifier: MIT
import { atMost } from './at-most.js';
import { terminalCommandLine } from './command-line.js';
import type { Connection } from './connection.js';
import { RemoteCommandFailed, RemoteError } from './errors.js';
import { RemoteCommand } from './remote-command.js';
import type {
  ExecOptions,
  RemoteFinished,
  SshSession,
  Terminal,
  TerminalShape,
  TransferProgress,
} from './session.js';
import { RemoteTerminal } from './terminal.js';
import { pull } from './pull.js';
import { push } from './push.js';

/** Longest time that closing a session waits for the commands which it kills. */
const LAST_KILLS_MS = 1_000;

/** A session over ssh2. */
export class Session implements SshSession {
  readonly #connection: Connection;
  readonly #running = new Set<RemoteCommand>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get node(): string {
    return this.#connection.node;
  }

  get ended(): Promise<void> {
    return this.#connection.ended;
  }

  async exec(argv: readonly [string, ...string[]], options: ExecOptions = {}): Promise<RemoteFinished> {
    const command = await RemoteCommand.start(this.#connection, argv, options);
    this.#running.add(command);
    void command.gone.then(() => this.#running.delete(command));
    return await command.finished;
  }

  async succeed(argv: readonly [string, ...string[]], options: ExecOptions = {}): Promise<RemoteFinished> {
    const finished = await this.exec(argv, options);
    if (finished.code === 0) return finished;
    throw new RemoteCommandFailed(this.node, argv, finished, `${finished.stdout}\n${finished.stderr}`);
  }

  async push(
    localPath: string,
    remotePath: string,
    signal?: AbortSignal,
    onProgress?: TransferProgress,
  ): Promise<void> {
    await push(this, { localPath, remotePath, signal, onProgress });
  }

  async pull(
    remotePath: string,
    localPath: string,
    signal?: AbortSignal,
    onProgress?: TransferProgress,
  ): Promise<void> {
    await pull(this, { localPath, remotePath, signal, onProgress });
  }

  async shell(terminal: TerminalShape, argv: readonly string[] = []): Promise<Terminal> {
    const line = argv.length === 0 ? undefined : terminalCommandLine(this.node, argv);
    const { rows, columns, term } = terminal;
    const channel = await this.#connection.start(line, { rows, cols: columns, term });
    return new RemoteTerminal(this.#connection, channel);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closing = new RemoteError(this.node, 'the session was closed while the command was running');
    const killed = Promise.all([...this.#running].map(async (command) => command.cancel(closing)));
    await atMost(this.#connection.clock, LAST_KILLS_MS, killed);
    await this.#connection.close();
  }
}
