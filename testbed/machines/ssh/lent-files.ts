// SPDX-License-Identifier: MIT
import type { SFTPWrapper } from 'ssh2';
import { patience } from '../../base/clock/deadline.js';
import { aborted } from '../../base/lifecycle/aborted.js';
import { atMost } from './at-most.js';
import type { Files } from '../copy/files.js';
import { remoteFiles } from '../copy/remote-files.js';
import type { Connection } from './connection.js';
import type { ConnectionPool } from './connection-pool.js';

/** Time for the node to report that its SFTP server has ended. */
const END_MS = 5_000;

/**
 * Gives `use` access to a node's files, over a connection of their own. Aborting `signal` drops that connection, which
 * ends requests even when the node does not answer. The signal given to `use` is also aborted when the connection breaks.
 * @throws RemoteError when it breaks
 */
export async function withFiles(
  pool: ConnectionPool,
  signal: AbortSignal | undefined,
  use: (files: Files, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const connection = await pool.borrow();
  const over = new AbortController();
  const drop = (): void => {
    connection.drop();
  };
  try {
    signal?.throwIfAborted();
    signal?.addEventListener('abort', drop, { once: true, signal: over.signal });
    const sftp = await connection.sftp();
    const gone = end(sftp, connection);
    try {
      await use(remoteFiles(sftp, gone), signal === undefined ? gone : AbortSignal.any([signal, gone]));
    } catch (thrown) {
      // The broken connection is the cause of whatever failed then.
      throw gone.aborted && signal?.aborted !== true ? gone.reason : thrown;
    } finally {
      sftp.end();
      await atMost(connection.clock, END_MS * patience(), aborted(gone));
      if (!gone.aborted) connection.drop();
      await aborted(gone);
    }
  } finally {
    over.abort();
    pool.release(connection);
  }
}

/** A signal that is aborted when the server or the connection to it has ended. Nothing more is written then. */
function end(sftp: SFTPWrapper, connection: Connection): AbortSignal {
  const gone = new AbortController();
  const abort = (): void => {
    gone.abort(connection.lost('files were copied'));
  };
  sftp.once('close', abort);
  void connection.ended.then(abort);
  return gone.signal;
}
