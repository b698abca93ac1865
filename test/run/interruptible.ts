// SPDX-License-Identifier: MIT
import { inspect } from 'node:util';
import { interruption } from '../../testbed/base/lifecycle/interruption.js';
import { InterruptedError } from '../../testbed/base/lifecycle/interrupted-error.js';

/**
 * Does a program's work and ends the process: with the status that the work gives, with 1 when it throws. Ctrl-C and
 * SIGTERM abort the signal that it is given; what it has started is ended as it unwinds, and the status is 130 or 143.
 */
export async function interruptible(work: (signal: AbortSignal) => Promise<number>): Promise<never> {
  const signal = interruption();
  try {
    process.exit(await work(signal));
  } catch (thrown) {
    const reason: unknown = signal.reason;
    // What else the unwinding ran into follows from the interruption.
    const interrupted = reason instanceof InterruptedError;
    process.stderr.write(`${interrupted ? reason.message : inspect(thrown)}\n`);
    process.exit(interrupted ? reason.exitCode : 1);
  }
}
