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
  /** When it returns a promise, the remote side waits until it resolves. A rejection cancels the command. */
  readonly onStdout?: (chunk: Buffer) => Promise<void> | void;
  readonly onStderr?: (chunk: Buffer) => Promise<void> | void;
  /**
   * `buffer` (the default) keeps the output for the result, up to 32 MiB a stream. `discard` keeps only the last
   * kilobytes, for the excerpt of an error.
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

/** A terminal as a byte stream. Destroying it hangs up. */
export interface Terminal extends Duplex {
  resize(rows: number, columns: number): void;
  /** @throws RemoteError when the connection breaks first */
  readonly exit: Promise<RemoteExit>;
}

/** Called with the bytes of file content that have been copied so far. */
export type TransferProgress = (bytes: number) => void;

/**
 * Access to one node over ssh, as root. Each running command has a connection of its own, which is used again when the
 * command has ended. Disposal kills what is running, then closes the connections.
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
   * Copies a file or directory tree to the node, owned by root. Modes and times of change are kept. The node needs an SFTP server.
   *
   * The rules are those of scp -r. When `remotePath` is a directory or ends in a slash, the copy goes into it, otherwise it
   * gets that name. Paths are relative to the home directory. A directory is merged into one that is already there. A link
   * given as `localPath` is followed, links below it are copied as links. A file or a new directory appears whole or not at
   * all. Left out is what cannot be read, what is neither file nor directory nor link, what has a name that is not UTF-8,
   * and a file whose place is taken by a link or a device. The rest is copied.
   * @throws TransferError, which names what was left out
   */
  push(
    localPath: string,
    remotePath: string,
    signal?: AbortSignal,
    onProgress?: TransferProgress,
  ): Promise<void>;
  /**
   * Copies a file or directory tree from the node, by the same rules as {@link push}. The copy is owned by the user who
   * runs the testbed. Set-uid, set-gid and sticky bits are dropped.
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
