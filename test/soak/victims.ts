// SPDX-License-Identifier: MIT
import type { Scheduled } from '../guest/scheduled-programs.js';
import { drawn, pick } from './faults-of-a-seed.js';

/** What runs while something goes wrong, each time with far less at home than it works on. */
export interface Victim extends Omit<Scheduled, 'at'> {
  /** Whether it touches each of its pages again and again until it ends, so that it meets a loss at once. */
  readonly isRestless: boolean;
}

const BUDGET = 4 * 2 ** 20;

/** Fuzzers under each policy that moves a page at a time, and registers and pages that check themselves, with mremap and fork between. */
export const VICTIMS: readonly Victim[] = [
  victim(['selfcheck', '2048', '2', 'halves'], 'threshold', { threshold: 2, window: 8 }),
  victim(['selfcheck', '2048', '2', 'halves'], 'adaptive', { threshold: 32, window: 32 }),
  victim(['mmfuzz', '1', '0-199'], 'threshold', { threshold: 2, window: 8 }),
  victim(['mmfuzz', '2', '0-199'], 'adaptive', { threshold: 5, window: 32 }),
  victim(['mmfuzz', '3', '0-199'], 'threshold', { threshold: 1, window: 1 }),
  victim(['mmfuzz', '4', '0-199'], 'sticky', { threshold: 5, window: 64 }),
  victim(['selfcheck', '2048', '2', 'random', '300'], 'threshold', { threshold: 1, window: 8 }),
];

/** Index of the program that has the misfortune of a seed. */
export function victimOf(seed: number): number {
  return VICTIMS.indexOf(pick(VICTIMS, drawn(seed, 'victim')));
}

function victim(
  argv: Scheduled['argv'],
  policy: Scheduled['run']['policy'],
  run: Pick<Scheduled['run'], 'threshold' | 'window'>,
): Victim {
  return { argv, run: { ...run, policy, budget: BUDGET }, isRestless: argv[0] === 'selfcheck' };
}
