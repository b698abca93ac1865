// SPDX-License-Identifier: MIT
import type { ArgumentVector } from '../../base/process/process-runner.js';

/**
 * The command line that runs `argv`, with its status, or 128 + N when signal N has ended it. Dropbear's server has no name
 * for some signals, such as SIGBUS, and its client ends with 0 for every signal; a shell between has a number for each.
 */
export function withNumberedSignal(argv: ArgumentVector): ArgumentVector {
  return ['sh', '-c', '"$@"; exit $?', 'sh', ...argv];
}
