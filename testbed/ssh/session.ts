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
  readonly onStdout?: (chunk: Buffer) => void;
  readonly onStderr?: (chunk: Buffer) => void;
  /** `buffer` (the default) keeps the output for the result, `discard` does not. */
  readonly keep?: 'buffer' | 'discard';
}

/** A host key or login key made for one testbed. */
export interface SshCredentials {
  /** OpenSSH private key text with which root logs in. */
  readonly privateKey: string;
  /** The guest's host key, `ssh-ed25519 AAAA...`; any other is refused. */
  readonly hostKey: string;
}

/** An open ssh connection to one node, as root. */
export interface SshSession extends AsyncDisposable {
  readonly node: string;
  /**
   * Runs a command; the argument vector arrives byte for byte. Aborting kills the remote process group.
   * @throws RemoteError when the connection breaks
   */
  exec(argv: readonly [string, ...string[]], options?: ExecOptions): Promise<RemoteFinished>;
  /** As {@link exec}. @throws RemoteCommandFailed on a status other than 0, with the last lines of its output */
  succeed(argv: readonly [string, ...string[]], options?: ExecOptions): Promise<RemoteFinished>;
  /** Copies a file or directory tree, modes kept, to `remotePath`. */
  push(localPath: string, remotePath: string, signal?: AbortSignal): Promise<void>;
  /** Copies a file or directory tree, modes kept, from `remotePath`. */
  pull(remotePath: string, localPath: string, signal?: AbortSignal): Promise<void>;
  /** An interactive shell or command with a terminal of the given size. */
  shell(
    terminal: { readonly rows: number; readonly columns: number; readonly term: string },
    argv?: readonly string[],
  ): Promise<Duplex & { resize(rows: number, columns: number): void; readonly exit: Promise<RemoteExit> }>;
}
