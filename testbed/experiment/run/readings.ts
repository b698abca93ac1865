// SPDX-License-Identifier: MIT
import type { Clock } from '../../base/clock/clock.js';
import { DeadlineError } from '../../base/clock/deadline.js';
import { nodeName } from '../../machines/cluster/guest-identity.js';
import type { RemoteFinished } from '../../machines/ssh/session.js';
import { succeeded } from '../../machines/ssh/succeeded.js';
import type { ScriptedCommand } from './machines.js';
import type { MeasuringCommand, Purpose } from './script.js';

/** What came of a command, and when, in milliseconds of the clock by which the guests are judged. */
export interface Reading {
  readonly command: MeasuringCommand;
  /** Undefined when its deadline came first. */
  readonly answer: RemoteFinished | undefined;
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** Runs the commands of a script and keeps what they said. */
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

  /** All that was read for a purpose, in order. */
  all(purpose: Purpose): readonly Reading[] {
    return this.#readings.filter(({ command }) => command.purpose === purpose);
  }

  /** What was read for a purpose that one command has. @throws RangeError when it was not run */
  one(purpose: Purpose): Reading {
    const [reading] = this.all(purpose);
    if (reading === undefined) throw new RangeError(`nothing was read for ${purpose}`);
    return reading;
  }
}

/** What a reading's command printed. @throws RemoteCommandFailed when it failed */
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
