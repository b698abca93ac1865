// SPDX-License-Identifier: MIT
import { SourceMissingError, SourceUnreachableError } from './errors.js';
import type { LineId } from './product.js';

/** The paper's kernel, then the one whose source Debian has. */
export const DEFAULT_LINES: readonly LineId[] = ['linux-2.6.38.8', 'linux-6.1'];

/** Which line is wanted. */
export interface LineWish {
  /** `--kernel`: this one or none. */
  readonly pinned?: LineId;
  /** A scenario's list, in order of preference. */
  readonly preferred?: readonly LineId[];
}

/** A line that may be taken, and why, should it be. */
export interface Candidate {
  readonly line: LineId;
  /** As it stands on the screen and in results. */
  readonly reason: string;
}

/** Lines in the order in which they are tried. */
export function candidates(wish: LineWish): readonly Candidate[] {
  if (wish.pinned !== undefined) return [{ line: wish.pinned, reason: 'pinned by --kernel' }];
  const scenario = wish.preferred !== undefined && wish.preferred.length > 0;
  const lines = scenario ? wish.preferred : DEFAULT_LINES;
  const first = scenario ? "the scenario's first choice" : 'the default';
  return lines.map((line, at) => ({
    line,
    reason: at === 0 ? first : scenario ? `the scenario's choice number ${at + 1}` : 'the default in reserve',
  }));
}

/**
 * Hands candidates to `take`, the next one only where the source of the one before is out of reach: a server that
 * cannot be reached, or a download that `--offline` forbids. Every other failure is final.
 * @throws what `take` threw; when all are out of reach, what it threw for the first
 */
export async function takeFirst<T>(
  wanted: readonly Candidate[],
  take: (candidate: Candidate) => Promise<T>,
): Promise<T> {
  let missed: string | undefined;
  let first: Error | undefined;
  for (const { line, reason } of wanted) {
    try {
      return await take({ line, reason: missed === undefined ? reason : `${reason}, since ${missed}` });
    } catch (thrown) {
      const why = outOfReach(thrown);
      if (why === undefined) throw thrown;
      first ??= thrown as Error;
      missed = missed === undefined ? `${line} is out of reach: ${why}` : `${missed}; ${line} is: ${why}`;
    }
  }
  throw first ?? new Error('no kernel line is wanted');
}

function outOfReach(thrown: unknown): string | undefined {
  if (thrown instanceof SourceUnreachableError) return `${thrown.host}: ${thrown.reason}`;
  if (thrown instanceof SourceMissingError && thrown.offline) return thrown.reason;
  return undefined;
}
