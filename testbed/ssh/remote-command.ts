// SPDX-License-Identifier: MIT
import type { ClientChannel } from 'ssh2';
import { aborted, untilAborted } from './aborted.js';
import { atMost } from './at-most.js';
import { commandLine, type CommandLine } from './command-line.js';
import type { Connection } from './connection.js';
import { OutputTooLongError } from './errors.js';
import { GroupNumber } from './group-number.js';
import { killGroup } from './process-group.js';
import { feed } from './remote-input.js';
import { OUTPUT_LIMIT, RemoteOutput } from './remote-output.js';
import type { ExecOptions, RemoteExit, RemoteFinished } from './session.js';

/** Longest time that the caller of a cancelled command is kept waiting for the evidence that it is dead. */
const CANCEL_MS = 500;

/** Name in a {@link RemoteExit} for the signals that dropbear does not tell (SIGBUS, SIGTRAP, SIGSYS, ...). */
export const UNNAMED_SIGNAL = 'SIGUNKNOWN';

/** A command under way on a node. */
export class RemoteCommand {
  /**
   * The command's end.
   * @throws RemoteError when the connection breaks
   * @throws the reason of its cancellation
   */
  readonly finished: Promise<RemoteFinished>;
  /** Resolves when there is nothing left of it; never rejects. */
  readonly gone: Promise<void>;
  readonly #connection: Connection;
  readonly #program: string;
  readonly #group = new GroupNumber();
  readonly #stdout: RemoteOutput;
  readonly #stderr: RemoteOutput;
  /** Aborted when the channel has closed: the command's end and all of its output have been seen. */
  readonly #closed = new AbortController();
  readonly #cancellation = new AbortController();
  #killed: Promise<void> | undefined;

  /**
   * @throws RemoteError when the connection is broken
   * @throws RemoteArgumentError for an argument vector that cannot be handed over
   */
  static async start(
    connection: Connection,
    argv: readonly [string, ...string[]],
    options: ExecOptions,
  ): Promise<RemoteCommand> {
    options.signal?.throwIfAborted();
    const line = commandLine(connection.node, argv, options.env);
    // One that is aborted while it is being opened cancels itself as soon as it is open.
    const opening = connection
      .start(line.text)
      .then((channel) => new RemoteCommand(connection, channel, argv[0], line, options));
    return await untilAborted(opening, options.signal);
  }

  private constructor(
    connection: Connection,
    channel: ClientChannel,
    program: string,
    line: CommandLine,
    options: ExecOptions,
  ) {
    this.#connection = connection;
    this.#program = program;
    const policy = {
      keep: options.keep ?? 'buffer',
      onFailure: (failure: 'too long' | Error) => {
        void this.cancel(
          failure === 'too long' ? new OutputTooLongError(connection.node, program, OUTPUT_LIMIT) : failure,
        );
      },
    };
    this.#stdout = new RemoteOutput(channel, { ...policy, onChunk: options.onStdout });
    this.#stderr = new RemoteOutput(channel.stderr, { ...policy, onChunk: options.onStderr }, (chunk) =>
      this.#group.strip(chunk),
    );
    this.gone = aborted(this.#closed.signal);
    this.finished = this.#finish(channel, options.signal);
    this.finished.catch(() => undefined);
    feed(channel, line.preamble, options.input, this.#closed.signal).catch((thrown: unknown) =>
      this.cancel(thrown),
    );
  }

  /**
   * Kills the command's process group; {@link finished} rejects with `reason` when it is dead, at the latest after half
   * a second. Resolves when the kill has been carried out, or cannot be any more.
   */
  async cancel(reason: unknown): Promise<void> {
    this.#killed ??= this.#kill(reason);
    await this.#killed;
  }

  async #kill(reason: unknown): Promise<void> {
    this.#cancellation.abort(reason);
    this.#stdout.abandon();
    this.#stderr.abandon();
    const group = await this.#group.known;
    if (group !== undefined) await killGroup(this.#connection, group);
  }

  async #finish(channel: ClientChannel, signal: AbortSignal | undefined): Promise<RemoteFinished> {
    const onAbort = (): void => {
      void this.cancel(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
    try {
      const cancellation = this.#cancellation.signal;
      const ended = this.#end(channel);
      await Promise.race([ended, aborted(cancellation)]);
      if (cancellation.aborted) {
        await atMost(this.#connection.clock, CANCEL_MS, Promise.allSettled([ended, this.#killed]));
        throw cancellation.reason;
      }
      return { ...(await ended), stdout: this.#stdout.text, stderr: this.#stderr.text };
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** How the command ended, once its output has been read to the end. */
  async #end(channel: ClientChannel): Promise<RemoteExit> {
    let exit: RemoteExit | undefined;
    channel.once('exit', (code: number | null, signal?: string) => {
      exit = code === null ? { code: undefined, signal } : { code, signal: undefined };
    });
    await new Promise<void>((resolve) => {
      channel.once('close', resolve);
    });
    this.#closed.abort();
    this.#group.end();
    if (exit !== undefined) return exit;
    // A server that lives and says nothing has seen a signal for which it has no name.
    if (this.#connection.open) return { code: undefined, signal: UNNAMED_SIGNAL };
    throw this.#connection.lost(`${this.#program} was running`);
  }
}
