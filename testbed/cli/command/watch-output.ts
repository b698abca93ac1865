// SPDX-License-Identifier: MIT
import { setMaxListeners } from 'node:events';
import { OutputClosedError, OutputFailedError } from './errors.js';

/** A pipe without a reader, and a terminal that has gone. */
const CLOSED: readonly string[] = ['EPIPE', 'EIO', 'ECONNRESET'];

/**
 * A signal that is aborted when standard output or standard error cannot be written any more. Its reason is an
 * OutputClosedError or an OutputFailedError.
 */
export function watchOutput(): AbortSignal {
  const lost = new AbortController();
  setMaxListeners(0, lost.signal);
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      const closed = CLOSED.includes(error.code ?? '');
      lost.abort(closed ? new OutputClosedError(error) : new OutputFailedError(error));
    });
  }
  return lost.signal;
}
