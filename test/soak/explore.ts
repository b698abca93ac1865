// SPDX-License-Identifier: MIT
import { clear, keep, type Play, type Span, Stagehand } from '../guest/playing.js';
import { type Scheduled, SLOT_SECONDS } from '../guest/scheduled-programs.js';
import { Tool } from '../guest/tool.js';
import { unlucky } from '../guest/virtual-cells.js';
import { type Fault, faultOf, networkOf, together } from './faults-of-a-seed.js';
import { VICTIMS, victimOf } from './victims.js';

const LEASE_SECONDS = 2;
/** Ten times what a cell has: guests then run in fewer rounds. */
const DELAY = '500us';
const LEASE = `${String(LEASE_SECONDS)}s`;
/** Seconds that time(1), ssh and the operator take to tell of an end. */
const TELLING = 0.1;
/** A program that touches all of its pages ends within so many leases. */
const BOUND = 1.5;
/** What may come of a loss, and why stands behind it. */
const ENDED = /^signal [79]: \S/;
/** Likewise: a system call may fail for what is gone, and then the fuzzer ends. */
const REFUSED =
  /^status 3: mmfuzz: FAILED at step \d+: .*: (Cannot allocate memory|Bad address|Input\/output error): \S/;
/** When the first program begins, in seconds of home's clock: all nodes are set up long before. */
const FIRST_SLOT = 60;
/** Programs that one boot has, at most. */
const BATCH = 10;

export interface Exploration {
  readonly lines: readonly string[];
  readonly first: number;
  readonly last: number;
  readonly say: (text: string) => void;
  /** Ends the soak. */
  readonly signal: AbortSignal;
}

/**
 * Stretched processes in virtual time, and one misfortune for each: which process, which misfortune, when and for how long
 * is drawn from the seed. Several run one after the other on nodes that are booted once, so that each but the first finds
 * nodes that something has happened to. A process may end for its misfortune, by a signal and with a reason; otherwise it
 * has to find every byte right. One that touches all of its pages ends within one and a half leases; others end when they
 * touch what is gone. A process that hangs, and a report of a guest's kernel, are other ends.
 * @throws Error when a process ends otherwise, behind all that is said
 */
export async function soakExplore(wanted: Exploration): Promise<void> {
  const { say, signal, first, last } = wanted;
  const wrong: string[] = [];
  for (const line of wanted.lines) {
    await using tool = await Tool.make({}, signal);
    const stagehand = await Stagehand.of(tool, line);
    let longest = 0;
    for (const nodes of [2, 3]) {
      const seeds = seedsOf(first, last, nodes);
      if (seeds.length === 0) continue;
      const spans = await fortune(stagehand, line, nodes);
      for (const batch of batchesOf(seeds, nodes, spans))
        for (const found of await explore(stagehand, { line, nodes, batch })) {
          say(found.text);
          longest = Math.max(longest, found.leases ?? 0);
          if (found.isWrong) wrong.push(`${found.text}: npm run soak -- ${again(line, batch)}`);
        }
    }
    say(`${line}: ${last - first + 1} seeds, the longest way to an end was ${longest.toFixed(2)} leases`);
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
}

/** A process and its misfortune. */
interface Attempt {
  readonly seed: number;
  readonly program: Scheduled;
  readonly isRestless: boolean;
  readonly fault: Fault;
}

/** On two nodes and on three in turn. */
function seedsOf(first: number, last: number, nodes: number): readonly number[] {
  const all = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return all.filter((seed) => 2 + (seed % 2) === nodes);
}

function slotAt(index: number): number {
  return FIRST_SLOT + index * SLOT_SECONDS;
}

/** When each victim computes where nothing goes wrong, from its slot's beginning on. */
async function fortune(stagehand: Stagehand, line: string, nodes: number): Promise<readonly Span[]> {
  const programs = VICTIMS.map((victim, i) => ({ ...victim, at: slotAt(i) }));
  const play = await stagehand.play(
    unlucky(line, nodes, { lease: LEASE, delay: DELAY, faults: {}, programs }),
  );
  const spans = play.programs.map(({ from, to, outcome, sessions }, i) => {
    if (outcome !== 'ok' || sessions <= i)
      throw new Error(`${nameOf(programs[i])}, without a fault: ${outcome}, ${sessions} sessions`);
    return { from: from - slotAt(i) * 1e9, to: to - slotAt(i) * 1e9 };
  });
  if (spans.length < programs.length) throw new Error(`without a fault: ${play.outcome}`);
  await clear(play);
  return spans;
}

/** Seeds in their order. After a misfortune that lasts there is nothing more in a batch. */
function* batchesOf(
  seeds: readonly number[],
  nodes: number,
  spans: readonly Span[],
): Generator<readonly Attempt[]> {
  let batch: Attempt[] = [];
  for (const seed of seeds) {
    const attempt = attemptOf(seed, nodes, batch.length, spans);
    batch.push(attempt);
    if (!attempt.fault.lasts && batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function attemptOf(seed: number, nodes: number, slot: number, spans: readonly Span[]): Attempt {
  const index = victimOf(seed);
  const [victim, span] = [VICTIMS[index], spans[index]];
  if (victim === undefined || span === undefined) throw new RangeError(`seed ${seed} has no victim`);
  const at = slotAt(slot);
  const computing = { from: span.from + at * 1e9, to: span.to + at * 1e9 };
  const { isRestless, ...program } = victim;
  return {
    seed,
    program: { ...program, at },
    isRestless,
    fault: faultOf(seed, nodes, LEASE_SECONDS, computing),
  };
}

interface Found {
  readonly text: string;
  /** From the misfortune to the end of the process, where it had to end. */
  readonly leases?: number;
  readonly isWrong: boolean;
}

async function explore(
  stagehand: Stagehand,
  {
    line,
    nodes,
    batch,
  }: { readonly line: string; readonly nodes: number; readonly batch: readonly Attempt[] },
): Promise<readonly Found[]> {
  const seed = batch[0]?.seed ?? NaN;
  const faults = { ...networkOf(seed), ...together(batch.map(({ fault }) => fault.faults)) };
  const programs = batch.map(({ program }) => program);
  const play = await stagehand.play(
    unlucky(line, nodes, { lease: LEASE, delay: DELAY, seed, faults, programs }),
  );
  const found = batch.map((attempt, i) => judge(`${line}, ${nodes} nodes`, attempt, play, i));
  const kept = found.some(({ isWrong }) => isWrong) ? [`kept in ${await keep(play)}`] : [];
  const wall = `${batch.length} in ${play.wallSeconds.toFixed(0)} s`;
  await clear(play);
  return found.map((one, i) =>
    i < found.length - 1 ? one : { ...one, text: [one.text, wall, ...kept].join('; ') },
  );
}

function judge(where: string, { seed, program, isRestless, fault }: Attempt, play: Play, i: number): Found {
  const who = `${where}, seed ${seed}: ${nameOf(program)}; ${fault.text}`;
  const ended = play.programs[i];
  if (ended === undefined) return { text: `${who}: ${play.outcome}`, isWrong: true };
  const { outcome, sessions, to } = ended;
  const text = `${who}: ${outcome}`;
  if (sessions <= i) return { text: `${text}, and it was never stretched`, isWrong: true };
  if (outcome === 'ok') return { text, isWrong: false };
  if (!ENDED.test(outcome) && !REFUSED.test(outcome)) return { text, isWrong: true };
  if (!isRestless) return { text, isWrong: false };
  const leases = (to / 1e9 - TELLING - fault.since) / LEASE_SECONDS;
  return { text: `${text}, ${leases.toFixed(2)} leases after it`, leases, isWrong: leases > BOUND };
}

function nameOf(program: Scheduled | undefined): string {
  return program === undefined ? '' : `${program.argv.join(' ')} (${program.run.policy})`;
}

/** The command that repeats a batch: what a process meets depends on those before it. */
function again(line: string, batch: readonly Attempt[]): string {
  const seeds = `${String(batch[0]?.seed)}..${String(batch.at(-1)?.seed)}`;
  return `--only virtual-time/explore --kernel ${line} --seeds ${seeds}`;
}
