// SPDX-License-Identifier: MIT
import type { ClientChannel } from 'ssh2';
import { aborted } from '../../base/lifecycle/aborted.js';
import { atMost } from './at-most.js';
import { channelEnd, UNNAMED_SIGNAL } from './channel-end.js';
import type { CommandLine } from './remote-command-line.js';
import type { Connection } from './connection.js';
import { OutputTooLongError } from './errors.js';
import { GroupNumber } from './group-number.js';
import { feed } from './remote-input.js';
import { OUTPUT_LIMIT, RemoteOutput } from './remote-output.js';
import type { ExecOptions, RemoteExit, RemoteFinished } from './session.js';

/** Longest time that the caller of a cancelled command waits for its end. */
const CANCEL_MS = 500;

/** A channel on which a command has just been started, and what is known about the command. */
export interface StartedCommand {
  readonly connection: Connection;
  readonly channel: ClientChannel;
  /** For errors. */
  readonly program: string;
  readonly line: CommandLine;
  /** Kills a process group over another channel. */
  readonly kill: (group: number) => Promise<void>;
  readonly options: ExecOptions;
}

/** A command that runs on a node. */
export class RemoteCommand {
  /**
   * The command's end.
   * @throws RemoteError when the connection breaks
   * @throws the reason of its cancellation
   */
  readonly finished: Promise<RemoteFinished>;
  /** Resolves when nothing is left of the command. Never rejects. */
  readonly gone: Promise<void>;
  readonly #connection: Connection;
  readonly #program: string;
  readonly #killGroup: StartedCommand['kill'];
  readonly #group = new GroupNumber();
  readonly #stdout: RemoteOutput;
  readonly #stderr: RemoteOutput;
  /** Aborted when the channel has closed: the command's end and all of its output have been seen. */
  readonly #closed = new AbortController();
  readonly #cancellation = new AbortController();
  #killed: Promise<void> | undefined;

  constructor({ connection, channel, program, line, kill, options }: StartedCommand) {
    this.#connection = connection;
    this.#program = program;
    this.#killGroup = kill;
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
   * Kills the command's process group. {@link finished} rejects with `reason` when it is dead, at the latest after half a
   * second. Resolves when the kill is done, or no longer possible.
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
    if (group !== undefined) await this.#killGroup(group);
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
      const exit = await ended;
      return { ...exit, stdout: this.#stdout.text, stderr: this.#stderr.text };
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** How the command ended, once its output has been read to the end. */
  async #end(channel: ClientChannel): Promise<RemoteExit> {
    const exit = await channelEnd(channel);
    this.#closed.abort();
    this.#group.end();
    await Promise.all([this.#stdout.taken, this.#stderr.taken]);
    if (exit !== undefined) return exit;
    // When a live server reports neither status nor signal, the command was ended by a signal that it cannot name.
    if (this.#connection.open) return { code: undefined, signal: UNNAMED_SIGNAL };
    throw this.#connection.lost(`${this.#program} was running`);
  }
}
