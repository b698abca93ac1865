// SPDX-License-Identifier: MIT
import { systemClock } from '../../testbed/base/clock/clock.js';
import {
  firstSteps,
  fuzzOf,
  fuzzOnce,
  replayOf,
  shorten,
  stepsOf,
  type Fuzz,
  type FuzzDone,
} from '../guest/mmfuzz.js';
import { StretchedNodes } from '../guest/stretched.js';
import { Tool } from '../guest/tool.js';
import type { ElasticSoak } from './elasticos.js';
import { findNoLeaks } from './leaks.js';

const NODES = 3;
const STEPS = 300;

/** Shortening a sequence takes a run of it each time. */
const SHORTEN_MS = 300_000;

/**
 * As many random operations on memory as asked for, seed after seed, each with a policy, a budget and a number of nodes of its own.
 * @throws Error at the first byte that differs, with the shortest sequence that was found and the line that repeats it
 */
export async function soakMmfuzz(soak: ElasticSoak): Promise<void> {
  const { line, debug, say, signal } = soak;
  await using tool = await Tool.make({}, signal);
  const variant = debug ? ['--debug', '--memory', '192M'] : ['--memory', '128M'];
  await tool.succeed('up', '--kernel', line, ...variant, '--nodes', String(NODES), '--no-flow');
  await using nodes = await StretchedNodes.join(tool);
  const [made, jumps] = await fuzzSeeds(nodes, soak);
  say(`${String(made)} operations on memory, ${String(jumps)} jumps, every byte right`);
  await nodes.stopShells();
  await nodes.allGone();
  if (debug) await findNoLeaks(tool);
  await nodes.unload();
}

/** Seed after seed; one, if its steps are told. */
async function fuzzSeeds(nodes: StretchedNodes, soak: ElasticSoak): Promise<[made: number, jumps: number]> {
  const { operations, seed: first, letters } = soak;
  const isOne = soak.steps !== '';
  const steps = isOne ? stepsOf(soak.steps) : firstSteps(STEPS);
  let [made, jumps, seed] = [0, 0, first];
  do {
    const done = await fuzzOne(nodes, fuzzOf(seed, steps, NODES, { operations: letters }), soak);
    made += done.operations;
    jumps += done.jumps;
    seed += 1;
  } while (made < operations && !isOne);
  soak.say(`seeds ${String(first)} to ${String(seed - 1)}`);
  return [made, jumps];
}

async function fuzzOne(nodes: StretchedNodes, fuzz: Fuzz, soak: ElasticSoak): Promise<FuzzDone> {
  const outcome = await fuzzOnce(nodes, fuzz);
  if (!('complaint' in outcome)) return outcome;
  soak.say(`${outcome.complaint}\n${replayOf(fuzz, soak)}`);
  const until = systemClock.now() + SHORTEN_MS;
  const shortest = await shorten(
    (shorter) => fuzzOnce(nodes, shorter),
    outcome,
    () => systemClock.now() < until,
  );
  const steps = `${String(shortest.fuzz.steps.length)} of ${String(fuzz.steps.length)} steps`;
  throw new Error(`${shortest.complaint}\n${steps}:\n${replayOf(shortest.fuzz, soak)}`);
}
