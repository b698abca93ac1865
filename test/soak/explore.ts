// SPDX-License-Identifier: MIT
import { clear, endOfStepAt, keep, longestStep, type Play, type Span, Stagehand } from '../guest/playing.js';
import { Tool } from '../guest/tool.js';
import { unlucky } from '../guest/virtual-cells.js';
import { type Fault, faultOf } from './faults-of-a-seed.js';

const LEASE_SECONDS = 2;
/** Ten times what a cell has: guests then run in fewer rounds. */
const DELAY = '500us';
const LEASE = `${String(LEASE_SECONDS)}s`;
/** Seconds that time(1), ssh and the operator take to tell of an end. */
const TELLING = 0.1;
/** Each end comes within so many leases. */
const BOUND = 1.5;
/** What may come of a loss, and why stands behind it. */
const ENDED = /^failed: the workload was ended by signal [79]: \S/;

export interface Exploration {
  readonly lines: readonly string[];
  readonly first: number;
  readonly last: number;
  readonly say: (text: string) => void;
  /** Ends the soak. */
  readonly signal: AbortSignal;
}

/**
 * Stretched processes in virtual time, and one misfortune for each: which, when and for how long is drawn from the seed. A
 * process may end for it, by a signal, within one and a half leases, and with a reason; otherwise its answer has to be
 * right. A process that hangs, and a report of a guest's kernel, are other ends.
 * @throws Error when a cell ends otherwise, behind all that is said
 */
export async function soakExplore(wanted: Exploration): Promise<void> {
  const { say, signal, first, last } = wanted;
  const wrong: string[] = [];
  for (const line of wanted.lines) {
    await using tool = await Tool.make({}, signal);
    const stagehand = await Stagehand.of(tool, line);
    const spans = new Map<number, Span>();
    let longest = 0;
    for (let seed = first; seed <= last; seed += 1) {
      const nodes = 2 + (seed % 2);
      const computing = spans.get(nodes) ?? (await fortune(stagehand, line, nodes));
      spans.set(nodes, computing);
      const fault = faultOf(seed, nodes, LEASE_SECONDS, computing);
      const found = await explore(stagehand, line, { seed, nodes, fault });
      longest = Math.max(longest, found.leases ?? 0);
      say(`${line}, seed ${seed}: ${fault.text}: ${found.text}`);
      if (found.wrong === undefined) continue;
      wrong.push(`${line}: ${found.wrong}: npm run soak -- ${again(line, seed)}`);
      say(wrong.at(-1) ?? '');
    }
    say(`${line}: ${last - first + 1} seeds, the longest way to an end was ${longest.toFixed(2)} leases`);
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
}

function again(line: string, seed: number): string {
  return `--only virtual-time/explore --kernel ${line} --seeds ${String(seed)}`;
}

/** When the process computes where nothing goes wrong. */
async function fortune(stagehand: Stagehand, line: string, nodes: number): Promise<Span> {
  const play = await stagehand.play(unlucky(line, nodes, { lease: LEASE, delay: DELAY, faults: {} }));
  if (play.outcome !== 'ok') throw new Error(`without a fault: ${play.outcome}`);
  const span = await longestStep(play);
  await clear(play);
  return span;
}

interface Found {
  readonly text: string;
  /** From the fault to the end of the process. */
  readonly leases?: number;
  readonly wrong?: string;
}

async function explore(
  stagehand: Stagehand,
  line: string,
  { seed, nodes, fault }: { readonly seed: number; readonly nodes: number; readonly fault: Fault },
): Promise<Found> {
  const play = await stagehand.play(
    unlucky(line, nodes, { lease: LEASE, delay: DELAY, seed, faults: fault.faults }),
  );
  const found = await judge(play, fault);
  const kept = found.wrong === undefined ? '' : `, kept in ${await keep(play)}`;
  await clear(play);
  return { ...found, text: `${found.text}, ${play.wallSeconds.toFixed(0)} s${kept}` };
}

async function judge(play: Play, fault: Fault): Promise<Found> {
  const { outcome } = play;
  if (outcome === 'ok' || outcome.startsWith('invalid: ')) return { text: outcome };
  if (!ENDED.test(outcome)) return { text: outcome, wrong: outcome };
  const end = await endOfStepAt(play, fault.begin * 1e9);
  const leases = (end / 1e9 - TELLING - fault.since) / LEASE_SECONDS;
  const text = `${outcome}, ${leases.toFixed(2)} leases after it`;
  return leases <= BOUND ? { text, leases } : { text, leases, wrong: text };
}
