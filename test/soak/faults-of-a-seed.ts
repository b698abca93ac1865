// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import type { Span } from '../guest/playing.js';

/** Misfortunes with a time, as a scenario has them. */
export type PlannedFaults = Partial<Record<'cuts' | 'pauses' | 'freezes' | 'crashes', readonly object[]>>;

/** A misfortune of a cell in virtual time. */
export interface Fault {
  readonly kind: (typeof KINDS)[number];
  /** What it is, in words. */
  readonly text: string;
  /** As `virtualTime.faults` of a scenario has it, with one element of one list. */
  readonly faults: PlannedFaults;
  /** Whether the guests are not what they were when it is over: one is gone, or home's clock is behind. */
  readonly lasts: boolean;
  /** When it begins, in seconds from the guests' start. */
  readonly begin: number;
  /** Likewise: from when on a process can be told of it. */
  readonly since: number;
}

const WAYS = ['both', 'sent', 'received'] as const;
/** A cut link is twice as likely as any other. */
const DRAWN = ['cut off', 'link cut', 'link cut', 'paused', 'frozen', 'crashed'] as const;
export const KINDS = [...new Set(DRAWN)];

/**
 * Draws a misfortune: what it is, which nodes have it, when, and for how long. Half of those that pass are shorter than the
 * lease. Home does not crash, since its processes would be gone without a word.
 * @param lease in seconds
 * @param computing when nothing goes wrong, in nanoseconds
 */
export function faultOf(seed: number, nodes: number, lease: number, computing: Span): Fault {
  const draw = (what: string): number => drawn(seed, what);
  const kind = pick(DRAWN, draw('kind'));
  const begin = (computing.from + draw('begin') * (computing.to - computing.from)) / 1e9;
  const length = draw('short') < 0.5 ? lease * 0.9 * draw('length') : lease * (1.1 + 2 * draw('length'));
  const span = { from: microseconds(begin), to: microseconds(begin + length) };
  const index = Math.floor(draw('node') * nodes) + 1;
  const node = `node${index}`;
  const other = `node${((index - 1 + 1 + Math.floor(draw('other') * (nodes - 1))) % nodes) + 1}`;
  const way = pick(WAYS, draw('way'));
  const at = `at ${begin.toFixed(3)} s for ${length.toFixed(1)} s`;
  switch (kind) {
    case 'cut off':
      return {
        kind,
        begin,
        text: `${node} is cut off (${way}) ${at}`,
        faults: { cuts: [{ node, way, ...span }] },
        lasts: false,
        since: begin,
      };
    case 'link cut':
      return {
        kind,
        begin,
        text: `${node} and ${other} are cut (${way}) ${at}`,
        faults: { cuts: [{ node, other, way, ...span }] },
        lasts: false,
        since: begin,
      };
    case 'paused':
    case 'frozen':
      return {
        kind,
        begin,
        text: `${node} is ${kind} ${at}`,
        faults: { [kind === 'paused' ? 'pauses' : 'freezes']: [{ node, ...span }] },
        lasts: kind === 'paused' && index === 1,
        // Home tells of nothing before it goes on.
        since: index === 1 ? begin + length : begin,
      };
    case 'crashed': {
      const victim = index === 1 ? 'node2' : node;
      return {
        kind,
        begin,
        text: `${victim} crashes at ${begin.toFixed(3)} s`,
        faults: { crashes: [{ node: victim, at: microseconds(begin) }] },
        lasts: true,
        since: begin,
      };
    }
  }
}

/** What a network does to frames for as long as guests run, as `virtualTime.faults` of a scenario has it. */
export function networkOf(seed: number): { readonly loss?: number; readonly jitter?: string } {
  return drawn(seed, 'network') < 0.3 ? { loss: 0.001, jitter: '20us' } : {};
}

/** All of them in one scenario. */
export function together(faults: readonly PlannedFaults[]): PlannedFaults {
  const all = (list: keyof PlannedFaults): readonly object[] => faults.flatMap((one) => one[list] ?? []);
  return { cuts: all('cuts'), pauses: all('pauses'), freezes: all('freezes'), crashes: all('crashes') };
}

/** The choice at a part, from 0 to 1, of a list. */
export function pick<T>(choices: readonly T[], part: number): T {
  const chosen = choices[Math.floor(part * choices.length)];
  if (chosen === undefined) throw new RangeError(`${part} of ${choices.length} choices`);
  return chosen;
}

/** From 0 to 1, the same for the same seed and purpose. */
export function drawn(seed: number, what: string): number {
  return createHash('sha256').update(`${seed} ${what}`).digest().readUInt32LE(0) / 2 ** 32;
}

function microseconds(seconds: number): string {
  return `${Math.round(seconds * 1e6)}us`;
}
