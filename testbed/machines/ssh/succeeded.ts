// SPDX-License-Identifier: MIT
import { RemoteCommandFailed } from './errors.js';
import type { RemoteFinished } from './session.js';

/** Returns `finished`. @throws RemoteCommandFailed on a status other than 0, with the last lines of its output */
export function succeeded(
  node: string,
  argv: readonly [string, ...string[]],
  finished: RemoteFinished,
): RemoteFinished {
  if (finished.code === 0) return finished;
  throw new RemoteCommandFailed(node, argv, finished, `${finished.stdout}\n${finished.stderr}`);
}
