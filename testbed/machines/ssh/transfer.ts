// SPDX-License-Identifier: MIT
import { TestbedError } from '../../base/error/testbed-error.js';
import { TransferError } from './errors.js';
import type { RemoteFinished, SshSession, TransferProgress } from './session.js';

/** One copy, in either direction. */
export interface Transfer {
  readonly localPath: string;
  readonly remotePath: string;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: TransferProgress | undefined;
}

export type TreeKind = 'file' | 'directory';

/** Name under which a single file travels; it gets its real one when it has arrived. */
export const PAYLOAD = 'payload';

/** A path as remote programs take it: never an option; `~` is the directory that relative paths start from. */
export function remoteOperand(path: string): string {
  const plain = path.replace(/^~(?=\/|$)/, '.');
  return plain.startsWith('/') ? plain : `./${plain}`;
}

/** @throws TransferError on a status other than 0 */
export function expectSuccess(session: SshSession, what: string, finished: RemoteFinished): void {
  if (finished.code === 0) return;
  const how = finished.signal ?? `status ${String(finished.code)}`;
  const excerpt = finished.stderr.split('\n').filter((line) => line.trim() !== '');
  const why = excerpt.at(-1) ?? `the remote side ended with ${how}`;
  throw new TransferError(session.node, `${what}: ${why}`, { nextStep: NEXT_STEP, excerpt });
}

/** What went wrong on our side of a transfer, as an error for the user. */
export function transferFailure(
  session: SshSession,
  what: string,
  signal: AbortSignal | undefined,
  thrown: unknown,
): unknown {
  if (signal?.aborted === true || thrown instanceof TestbedError) return thrown;
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  return new TransferError(session.node, `${what}: ${why}`, { nextStep: NEXT_STEP, cause: thrown });
}

const NEXT_STEP = 'Check that the source can be read, and that the target has room and can be written.';
