// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import type { Span } from '../guest/playing.js';

/** A misfortune of a cell in virtual time. */
export interface Fault {
  readonly kind: (typeof KINDS)[number];
  /** What it is, in words. */
  readonly text: string;
  /** As `virtualTime.faults` of a scenario has it. */
  readonly faults: object;
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
  const network = draw('network') < 0.3 ? { loss: 0.001, jitter: '20us' } : {};
  const at = `at ${begin.toFixed(3)} s for ${length.toFixed(1)} s`;
  switch (kind) {
    case 'cut off':
      return {
        kind,
        begin,
        text: `${node} is cut off (${way}) ${at}`,
        faults: { ...network, cuts: [{ node, way, ...span }] },
        since: begin,
      };
    case 'link cut':
      return {
        kind,
        begin,
        text: `${node} and ${other} are cut (${way}) ${at}`,
        faults: { ...network, cuts: [{ node, other, way, ...span }] },
        since: begin,
      };
    case 'paused':
    case 'frozen':
      return {
        kind,
        begin,
        text: `${node} is ${kind} ${at}`,
        faults: { ...network, [kind === 'paused' ? 'pauses' : 'freezes']: [{ node, ...span }] },
        // Home tells of nothing before it goes on.
        since: index === 1 ? begin + length : begin,
      };
    case 'crashed': {
      const victim = index === 1 ? 'node2' : node;
      return {
        kind,
        begin,
        text: `${victim} crashes at ${begin.toFixed(3)} s`,
        faults: { ...network, crashes: [{ node: victim, at: microseconds(begin) }] },
        since: begin,
      };
    }
  }
}

function pick<T>(choices: readonly T[], part: number): T {
  const chosen = choices[Math.floor(part * choices.length)];
  if (chosen === undefined) throw new RangeError(`${part} of ${choices.length} choices`);
  return chosen;
}

/** From 0 to 1, the same for the same seed and purpose. */
function drawn(seed: number, what: string): number {
  return createHash('sha256').update(`${seed} ${what}`).digest().readUInt32LE(0) / 2 ** 32;
}

function microseconds(seconds: number): string {
  return `${Math.round(seconds * 1e6)}us`;
}
