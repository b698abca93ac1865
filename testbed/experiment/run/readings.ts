// SPDX-License-Identifier: MIT
import type { Clock } from '../../base/clock/clock.js';
import { DeadlineError } from '../../base/clock/deadline.js';
import { nodeName } from '../../machines/cluster/guest-identity.js';
import type { RemoteFinished } from '../../machines/ssh/session.js';
import { succeeded } from '../../machines/ssh/succeeded.js';
import type { ScriptedCommand } from './machines.js';
import type { MeasuringCommand, Purpose } from './script.js';

/** The answer to a command, and when it was asked and answered, in milliseconds of the clock of {@link Readings}. */
export interface Reading {
  readonly command: MeasuringCommand;
  /** Undefined when its deadline came first. */
  readonly answer: RemoteFinished | undefined;
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** Runs the commands of a script and keeps their answers. */
export class Readings {
  readonly #script: readonly ScriptedCommand[];
  readonly #clock: Pick<Clock, 'now'>;
  readonly #readings: Reading[] = [];

  constructor(script: readonly ScriptedCommand[], clock: Pick<Clock, 'now'>) {
    this.#script = script;
    this.#clock = clock;
  }

  /**
   * Runs the script's commands that have these purposes, in the order of the script.
   * @throws RemoteError, and the DeadlineError of a condition
   */
  async take(purposes: readonly Purpose[], signal: AbortSignal): Promise<void> {
    for (const scripted of this.#script) {
      const { command } = scripted;
      if (!purposes.includes(command.purpose)) continue;
      const askedAt = this.#clock.now();
      const answer = await answerInTime(scripted, signal);
      this.#readings.push({ command, answer, askedAt, answeredAt: this.#clock.now() });
    }
  }

  /** All readings for a purpose, in order. */
  all(purpose: Purpose): readonly Reading[] {
    return this.#readings.filter(({ command }) => command.purpose === purpose);
  }

  /** The reading for a purpose that only one command has. @throws RangeError when that was not run */
  one(purpose: Purpose): Reading {
    const [reading] = this.all(purpose);
    if (reading === undefined) throw new RangeError(`nothing was read for ${purpose}`);
    return reading;
  }
}

/** The answer of a command that had to succeed. @throws RemoteCommandFailed when it did not */
export function outputOf({ command, answer }: Reading): RemoteFinished {
  const { node, argv } = command;
  const name = nodeName(node);
  if (answer === undefined) throw new RangeError(`${argv.join(' ')} of ${name} has no answer`);
  return succeeded(name, argv, answer);
}

async function answerInTime(
  { command, run }: ScriptedCommand,
  signal: AbortSignal,
): Promise<RemoteFinished | undefined> {
  try {
    return await run(signal);
  } catch (thrown) {
    if (command.deadlineMs === undefined || !(thrown instanceof DeadlineError)) throw thrown;
    return undefined;
  }
}
