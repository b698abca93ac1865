// SPDX-License-Identifier: MIT
import { DeadlineError, pollUntil } from '../../base/clock/deadline.js';
import type { Context } from '../../base/host/context.js';

/** How long a guest's console may lag behind the death of a process. */
const CONSOLE_LAG_MS = 2_000;

/**
 * Waits until `seen` tells that a console has reported an OOM killer; called when a process was killed. There need not be a report:
 * SIGKILL has other senders.
 */
export async function awaitOomReport(
  { clock, signal }: Pick<Context, 'clock' | 'signal'>,
  seen: () => boolean,
): Promise<void> {
  const wait = { what: 'a report of the OOM killer', deadlineMs: CONSOLE_LAG_MS, everyMs: 50, clock, signal };
  try {
    await pollUntil(wait, () => Promise.resolve(seen() || undefined));
  } catch (thrown) {
    if (!(thrown instanceof DeadlineError)) throw thrown;
  }
}
