// SPDX-License-Identifier: MIT
import { setMaxListeners } from 'node:events';
import { InterruptedError } from './interrupted-error.js';

/**
 * SIGINT, SIGTERM and SIGHUP of this process as an abort signal, whose reason is an InterruptedError. The first asks
 * everything to end in order; the second ends us at once, and the kernel ends our children.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  // Every wait and every child listens to it; their number is no leak.
  setMaxListeners(0, controller.signal);
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort(new InterruptedError(name));
    });
  }
  return controller.signal;
}
