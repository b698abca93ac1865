// SPDX-License-Identifier: MIT
import type { Duplex, Readable } from 'node:stream';

/** How a remote command ended: exactly one of the two is set. */
export interface RemoteExit {
  readonly code: number | undefined;
  readonly signal: string | undefined;
}

export interface RemoteFinished extends RemoteExit {
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExecOptions {
  readonly signal?: AbortSignal;
  readonly input?: string | Buffer | Readable;
  readonly env?: Readonly<Record<string, string>>;
  /** A promise that comes back holds up the remote side until it resolves; one that rejects cancels the command. */
  readonly onStdout?: (chunk: Buffer) => Promise<void> | void;
  readonly onStderr?: (chunk: Buffer) => Promise<void> | void;
  /**
   * `buffer` (the default) keeps the output for the result, up to 32 MiB a stream; `discard` only its last kilobytes,
   * for an error's excerpt.
   */
  readonly keep?: 'buffer' | 'discard';
}

/** A host key or login key made for one testbed. */
export interface SshCredentials {
  /** OpenSSH private key text with which root logs in. */
  readonly privateKey: string;
  /** The guest's host key, `ssh-ed25519 AAAA...`; any other is refused. */
  readonly hostKey: string;
}

/** Size and kind of a terminal, in characters and as in $TERM. */
export interface TerminalShape {
  readonly rows: number;
  readonly columns: number;
  readonly term: string;
}

/** What runs in a terminal, as a byte stream; destroying it hangs up. */
export interface Terminal extends Duplex {
  resize(rows: number, columns: number): void;
  /** @throws RemoteError when the connection breaks first */
  readonly exit: Promise<RemoteExit>;
}

/** Called with the bytes of file content that have gone over so far. */
export type TransferProgress = (bytes: number) => void;

/**
 * Access to one node over ssh, as root: one connection for each command that runs, used again when it has ended. Disposal
 * kills what is running, then closes them.
 */
export interface SshSession extends AsyncDisposable {
  readonly node: string;
  /**
   * Runs a command; the argument vector arrives byte for byte. Aborting kills the remote process group (SIGTERM, two
   * seconds later SIGKILL) and rejects when that is done, at the latest after half a second.
   * @throws RemoteError when the connection breaks
   * @throws RemoteArgumentError for an argument or variable that execve(2) cannot carry
   * @throws OutputTooLongError when more than 32 MiB is to be kept
   * @throws the signal's reason when aborted
   */
  exec(argv: readonly [string, ...string[]], options?: ExecOptions): Promise<RemoteFinished>;
  /** As {@link exec}. @throws RemoteCommandFailed on a status other than 0, with the last lines of its output */
  succeed(argv: readonly [string, ...string[]], options?: ExecOptions): Promise<RemoteFinished>;
  /**
   * Copies a file or directory tree to the node, modes kept, owned by root. The node needs an SFTP server.
   *
   * As with scp -r: into `remotePath` when that is a directory or ends in a slash, otherwise to that name; relative to the
   * home directory; a directory that is there already is merged into. A link given as `localPath` is followed, links below
   * it are copied as links. A file, or a directory that is new, appears whole or not at all. What cannot be read, is neither
   * file nor directory nor link, or has a name that is not UTF-8 is left out; so is a file where a link or a device is.
   * @throws TransferError, which names what was left out
   */
  push(
    localPath: string,
    remotePath: string,
    signal?: AbortSignal,
    onProgress?: TransferProgress,
  ): Promise<void>;
  /**
   * Copies a file or directory tree from the node, by the rules of {@link push} the other way round. Owned by whoever runs
   * the testbed; set-uid, set-gid and sticky bits are dropped.
   * @throws TransferError
   */
  pull(
    remotePath: string,
    localPath: string,
    signal?: AbortSignal,
    onProgress?: TransferProgress,
  ): Promise<void>;
  /** An interactive login shell, or a command, with a terminal of the given shape. */
  shell(terminal: TerminalShape, argv?: readonly string[]): Promise<Terminal>;
}
