// SPDX-License-Identifier: MIT
import { DeadlineError, pollUntil } from '../../base/clock/deadline.js';
import type { Context } from '../../base/host/context.js';

/** How long after the death of a process the guest's console may report it. */
const CONSOLE_LAG_MS = 2_000;

/**
 * Called when a process was killed. Waits until `seen` says that a console has reported the OOM killer. There may be no
 * report, since SIGKILL has other senders.
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
