// SPDX-License-Identifier: MIT
import { ExitCode } from '../error/exit-code.js';
import { TestbedError, type ErrorDetail } from '../error/testbed-error.js';
import type { Clock } from './clock.js';
import { Waits } from './waits.js';

/** What was waited for did not happen in time. */
export class DeadlineError extends TestbedError {
  readonly code = 'E_DEADLINE';
  readonly exitCode = ExitCode.Deadline;

  constructor(what: string, ms: number, detail?: Partial<ErrorDetail>) {
    super(`${what} did not happen within ${Math.round(ms / 100) / 10} s`, {
      nextStep: 'Look at the log; on a slow machine TESTBED_PATIENCE=2 doubles every deadline.',
      ...detail,
    });
  }
}

/** How a wait is bounded. */
export interface Wait {
  /** What is waited for, as a noun phrase: it becomes the error's subject. */
  readonly what: string;
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** What the error shows when the deadline passes, such as the console's last lines. */
  readonly excerpt?: () => readonly string[];
}

/** Factor on every deadline, from TESTBED_PATIENCE; 1 when unset or not a positive number. */
export function patience(environment: NodeJS.ProcessEnv = process.env): number {
  const factor = Number(environment['TESTBED_PATIENCE'] ?? '1');
  return Number.isFinite(factor) && factor > 0 ? factor : 1;
}

/**
 * Awaits `work`, which is given a signal that is aborted on the deadline and on `wait.signal`.
 * @throws DeadlineError when the deadline passes first
 * @throws the signal's reason when `wait.signal` is aborted first
 */
export async function withDeadline<T>(wait: Wait, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  wait.signal?.throwIfAborted();
  using _open = Waits.begin(wait);
  const ms = wait.deadlineMs * patience();
  const inner = new AbortController();
  const signal = wait.signal === undefined ? inner.signal : AbortSignal.any([inner.signal, wait.signal]);
  const timer = new AbortController();
  const expired = wait.clock.sleep(ms, timer.signal).then(() => {
    const excerpt = wait.excerpt?.();
    throw new DeadlineError(wait.what, ms, excerpt === undefined ? {} : { excerpt });
  });
  const aborted = new Promise<never>((_, reject) => {
    wait.signal?.addEventListener(
      'abort',
      () => {
        reject(wait.signal?.reason as Error);
      },
      { once: true, signal: timer.signal },
    );
  });
  try {
    return await Promise.race([work(signal), expired, aborted]);
  } finally {
    expired.catch(() => undefined);
    timer.abort();
    inner.abort();
  }
}

/**
 * Asks `probe` until it answers something other than undefined, first at once, then every `everyMs`.
 * For facts that cannot announce themselves; where something can, wait for its event instead.
 */
export async function pollUntil<T>(
  wait: Wait & { readonly everyMs: number },
  probe: (signal: AbortSignal) => Promise<T | undefined>,
): Promise<T> {
  return await withDeadline(wait, async (signal) => {
    for (;;) {
      signal.throwIfAborted();
      const answer = await probe(signal);
      if (answer !== undefined) return answer;
      await wait.clock.sleep(wait.everyMs, signal);
    }
  });
}
