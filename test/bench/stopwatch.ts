// SPDX-License-Identifier: MIT
import { systemClock } from '../../testbed/base/clock/clock.js';
import { median } from './figure.js';

/** Seconds that `work` takes. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = systemClock.now();
  await work();
  return (systemClock.now() - start) / 1000;
}

/**
 * Medians of two things done in turn, A B A B ..., after one round that does not count: a machine that grows slower
 * does so for both.
 */
export async function inTurn(
  rounds: number,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
): Promise<{ readonly ours: number; readonly theirs: number }> {
  await ours();
  await theirs();
  const a: number[] = [];
  const b: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    a.push(await ours());
    b.push(await theirs());
  }
  return { ours: median(a), theirs: median(b) };
}
