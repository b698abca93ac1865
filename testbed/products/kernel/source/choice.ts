// SPDX-License-Identifier: MIT
import type { Stage } from '../../../base/event/stage.js';
import { SourceMissingError, SourceUnreachableError } from '../line/errors.js';
import type { LineId } from '../line/kernel-product.js';

/** The kernel of the paper, then the one whose source Debian has. */
export const DEFAULT_LINES: readonly LineId[] = ['linux-2.6.38.8', 'linux-6.1'];

/** Which line is wanted. */
export interface LineChoice {
  /** From `--kernel`. No other line may be taken. */
  readonly pinned?: LineId;
  /** A scenario's list, in order of preference. */
  readonly preferred?: readonly LineId[];
}

/** A line that may be taken, and the reason for taking it. */
export interface Candidate {
  readonly line: LineId;
  /** As shown on the screen and in results. */
  readonly reason: string;
  /** No other line may be taken in its place. */
  readonly last: boolean;
}

/** The lines, in the order in which they are tried. */
export function candidates(wanted: LineChoice): readonly Candidate[] {
  if (wanted.pinned !== undefined) return [{ line: wanted.pinned, reason: 'pinned by --kernel', last: true }];
  const scenario = wanted.preferred !== undefined && wanted.preferred.length > 0;
  const lines = scenario ? wanted.preferred : DEFAULT_LINES;
  const reasons = scenario ? SCENARIO_REASONS : DEFAULT_REASONS;
  return lines.map((line, at) => ({
    line,
    reason: at === 0 ? reasons.first : reasons.other,
    last: at === lines.length - 1,
  }));
}

const DEFAULT_REASONS = { first: 'the default', other: 'the default in reserve' } as const;
const SCENARIO_REASONS = {
  first: "the scenario's first choice",
  other: 'a later choice of the scenario',
} as const;

/**
 * Calls `take` with one candidate after the other. The next one is tried only when the source of the one before is out
 * of reach: its server cannot be reached, or `--offline` forbids the download. Every other failure is final.
 * @throws what `take` threw. When all are out of reach, what it threw for the first.
 */
export async function takeFirst<T>(
  wanted: readonly Candidate[],
  take: (candidate: Candidate) => Promise<T>,
): Promise<T> {
  const missed: string[] = [];
  let first: Error | undefined;
  for (const candidate of wanted) {
    try {
      return await take({ ...candidate, reason: [candidate.reason, ...missed].join(', ') });
    } catch (thrown) {
      const why = outOfReach(thrown);
      if (why === undefined) throw thrown;
      first ??= thrown as Error;
      missed.push(`since ${candidate.line} is out of reach: ${why}`);
    }
  }
  throw first ?? new Error('no kernel line is wanted');
}

/** Returned for a line whose source is out of reach, so that its stages end as skipped and not as failed. */
export class SourceOutOfReach {
  constructor(readonly error: Error) {}
}

/** Runs a stage's body for a candidate. When its source is out of reach and another line may be taken, it is skipped. */
export async function skipWhenOutOfReach<T>(
  candidate: Candidate,
  stage: Pick<Stage, 'skipped'>,
  body: () => Promise<T>,
): Promise<T | SourceOutOfReach> {
  try {
    return await body();
  } catch (thrown) {
    const why = outOfReach(thrown);
    if (why === undefined || candidate.last) throw thrown;
    stage.skipped(`out of reach: ${why}`);
    return new SourceOutOfReach(thrown as Error);
  }
}

function outOfReach(thrown: unknown): string | undefined {
  if (thrown instanceof SourceUnreachableError) return `${thrown.host}: ${thrown.reason}`;
  if (thrown instanceof SourceMissingError && thrown.offline) return thrown.reason;
  return undefined;
}
