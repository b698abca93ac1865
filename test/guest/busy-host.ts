// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Keeps every processor of the host busy until it is disposed of. */
export function busyHost(): Disposable {
  const busy = Array.from({ length: availableParallelism() }, () =>
    // Also when we are killed.
    spawn('setpriv', ['--pdeathsig', 'KILL', '--', process.execPath, '-e', 'for (;;);'], { stdio: 'ignore' }),
  );
  return {
    [Symbol.dispose]: () => {
      for (const child of busy) child.kill('SIGKILL');
    },
  };
}
