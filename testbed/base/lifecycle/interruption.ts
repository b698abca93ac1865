// SPDX-License-Identifier: MIT
import { setMaxListeners } from 'node:events';
import { hangupIsIgnored } from './ignored-hangup.js';
import { InterruptedError } from './interrupted-error.js';

/**
 * Turns SIGINT, SIGTERM and SIGHUP into an abort signal whose reason is an InterruptedError. The first one ends
 * everything in order. The second ends this process at once, and the kernel ends its children. Under nohup(1) SIGHUP
 * stays without effect.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  // Every wait and every child listens to it, so many listeners are not a leak.
  setMaxListeners(0, controller.signal);
  const deaf = hangupIsIgnored();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (name === 'SIGHUP' && deaf) return;
      const reason = new InterruptedError(name);
      if (controller.signal.aborted) process.exit(reason.exitCode);
      controller.abort(reason);
    });
  }
  return controller.signal;
}
