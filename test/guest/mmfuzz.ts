// SPDX-License-Identifier: MIT
import type { StretchedNodes } from './stretched.js';

/** What `mmfuzz` (guests/elastic/trials/mmfuzz) does, and how it is stretched meanwhile. */
export interface Fuzz {
  readonly seed: number;
  /** Numbers of steps, sorted. */
  readonly steps: readonly number[];
  /** Letters of `mmfuzz`; '' for all. */
  readonly operations: string;
  /** Of the memory that is operated on. */
  readonly megabytes: number;
  /** Options of `pair home`: policy, budget and number of nodes. */
  readonly options: readonly string[];
}

/** What a run did. */
export interface FuzzDone {
  /** Visits of pages, and calls that change memory. */
  readonly operations: number;
  readonly jumps: number;
}

/** A run that did not end as it has to. */
export interface Difference {
  readonly fuzz: Fuzz;
  /** What `mmfuzz` said, or how it ended. */
  readonly complaint: string;
}

/** A process that takes longer is killed, and counts as hanging: far longer than any takes on a busy host. */
const HANGS_AFTER_MS = 1_200_000;

/** The first draws of seeds that are neighbours are alike. */
const SKIPPED_DRAWS = 8;

/**
 * The fuzz of a seed: policy, budget and number of nodes are drawn from it.
 * @param most nodes there are
 */
export function fuzzOf(
  seed: number,
  steps: readonly number[],
  most: number,
  { operations = '', megabytes = 8 } = {},
): Fuzz {
  const draw = dice(seed);
  for (let skipped = 0; skipped < SKIPPED_DRAWS; skipped += 1) draw(2);
  const options = [
    `nodes=${String(2 + draw(most - 1))}`,
    `mode=${pick(draw, ['threshold', 'threshold', 'adaptive', 'sticky', 'migrate'])}`,
    `threshold=${pick(draw, ['1', '2', '5', '20'])}`,
    `window=${pick(draw, ['1', '8', '32', '64'])}`,
    `budget=${pick(draw, ['256', '512', '1024'])}`,
    'delay=1',
  ];
  return { seed, steps, operations, megabytes, options };
}

/** The command that does it, for a node where `pair` and its shells are. */
export function commandOf({ seed, steps, operations, megabytes }: Fuzz): readonly string[] {
  return ['mmfuzz', String(seed), rangesOf(steps), operations, String(megabytes)];
}

/** The kernel that a fuzz ran on. */
export interface FuzzedKernel {
  readonly line: string;
  readonly debug: boolean;
}

/** The command that repeats it, and what it comes to in a guest. */
export function replayOf(fuzz: Fuzz, { line, debug }: FuzzedKernel): string {
  const letters = fuzz.operations === '' ? [] : ['--letters', fuzz.operations];
  const soak = [
    ...['npm run soak -- --only elasticos/mmfuzz --kernel', line, ...(debug ? ['--debug'] : [])],
    ...['--seed', String(fuzz.seed), '--steps', rangesOf(fuzz.steps), ...letters],
  ];
  return `  ${soak.join(' ')}\n  (pair home ${[...fuzz.options, '--', ...commandOf(fuzz)].join(' ')})`;
}

/** One run. @returns what it did, or the difference */
export async function fuzzOnce(nodes: StretchedNodes, fuzz: Fuzz): Promise<FuzzDone | Difference> {
  const options = [...fuzz.options, `kill=${String(HANGS_AFTER_MS)}`];
  const { code, stdout, stderr } = await nodes.run(options, commandOf(fuzz));
  const right = /^mmfuzz: right, \d+ steps, (\d+) visits, (\d+) changes$/m.exec(stdout);
  if (code === 0 && right !== null) {
    const jumps = Number(/^epoch (\d+)$/m.exec(stderr)?.[1] ?? 0);
    return { operations: Number(right[1]) + Number(right[2]), jumps };
  }
  const said = stdout.split('\n').filter((line) => /^mmfuzz: |^pair: ended/.test(line));
  const { stdout: sessions } = await nodes.tool.run([
    'exec',
    nodes.home.name,
    '--',
    'cat',
    '/proc/elasticos',
  ]);
  const reason = /^reason .*$/m.exec(sessions)?.[0];
  const complaint = [...said, ...(reason === undefined ? [] : [reason])].join('; ');
  return { fuzz, complaint: complaint === '' ? `status ${String(code)}: ${stderr}` : complaint };
}

/** One run of a sequence. */
export type RunFuzz = (fuzz: Fuzz) => Promise<FuzzDone | Difference>;

/**
 * Looks for a shorter sequence that differs too, by leaving out steps (delta debugging, Zeller and Hildebrandt 2002). What a
 * step does is told by its number, so the rest of a sequence stays what it was. A sequence that is right `tries` times counts
 * as right: where the pages are is not the same each time.
 * @param goesOn asked before each sequence
 */
export async function shorten(
  run: RunFuzz,
  found: Difference,
  goesOn: () => boolean,
  tries = 2,
): Promise<Difference> {
  let shortest = await untilItsStep(run, found, tries);
  for (let length = Math.ceil(shortest.fuzz.steps.length / 2); length >= 1 && goesOn();) {
    const shorter = await withoutSome(run, shortest, length, goesOn, tries);
    const isDone = length === 1 && shorter === shortest;
    shortest = shorter;
    if (isDone) break;
    length = Math.max(1, Math.floor(length / 2));
  }
  return shortest;
}

/** Leaves out `length` steps after the other, from the end, where it differs without them. */
async function withoutSome(
  run: RunFuzz,
  found: Difference,
  length: number,
  goesOn: () => boolean,
  tries: number,
): Promise<Difference> {
  let shortest = found;
  for (let end = found.fuzz.steps.length; end > 0 && goesOn(); end -= length) {
    const { steps } = shortest.fuzz;
    const rest = [...steps.slice(0, Math.max(0, end - length)), ...steps.slice(end)];
    shortest = (await differs(run, { ...shortest.fuzz, steps: rest }, tries)) ?? shortest;
  }
  return shortest;
}

/** Leaves out what comes after the step that complained. */
async function untilItsStep(run: RunFuzz, found: Difference, tries: number): Promise<Difference> {
  const last = Number(/at step (\d+)/.exec(found.complaint)?.[1] ?? NaN);
  if (Number.isNaN(last)) return found;
  const steps = found.fuzz.steps.filter((step) => step <= last);
  return (await differs(run, { ...found.fuzz, steps }, tries)) ?? found;
}

async function differs(run: RunFuzz, fuzz: Fuzz, tries: number): Promise<Difference | undefined> {
  if (fuzz.steps.length === 0) return undefined;
  for (let time = 0; time < tries; time += 1) {
    const outcome = await run(fuzz);
    if ('complaint' in outcome) return outcome;
  }
  return undefined;
}

/** 1, 2, 3 and 7 as "1-3,7". */
export function rangesOf(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges
    .map(([first, last]) => (first === last ? String(first) : `${String(first)}-${String(last)}`))
    .join(',');
}

/**
 * The numbers of a list as {@link rangesOf} writes it.
 * @throws RangeError when it is no such list
 */
export function stepsOf(ranges: string): readonly number[] {
  return ranges.split(',').flatMap((range) => {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
    if (first === undefined) throw new RangeError(`"${ranges}" is no list of steps, such as 0-9,17`);
    return firstSteps(Number(last) + 1).slice(Number(first));
  });
}

/** The steps of a sequence that begins at its beginning. */
export function firstSteps(count: number): readonly number[] {
  return Array.from({ length: count }, (_, step) => step);
}

type Draw = (below: number) => number;

/** xorshift32; a seed of 0 would stay 0. */
function dice(seed: number): Draw {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  return (below) => {
    for (const [shift, left] of [
      [13, true],
      [17, false],
      [5, true],
    ] as const)
      state ^= left ? state << shift : state >>> shift;
    return (state >>> 8) % below;
  };
}

function pick<T>(draw: Draw, from: readonly [T, ...T[]]): T {
  return from[draw(from.length)] ?? from[0];
}
