// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { readCapture } from './capture.js';
import type { Evidence } from './digest.js';
import { evidenceLines } from './evidence-lines.js';
import { instantText } from './guest-log.js';

/** The first difference between two runs. */
export interface Difference {
  readonly atNs: number;
  /** A node's name, or `operator`; for a frame, from which guest to which it went. */
  readonly where: string;
  /** What run a had there. Undefined when it had nothing more. */
  readonly a: string | undefined;
  readonly b: string | undefined;
}

/** The first difference between what two runs have left behind. */
export interface EvidenceDifference extends Difference {
  /** A line of a guest's console, a line that the operator reported, or a frame in the network. */
  readonly kind: 'console' | 'report' | 'frame';
  /** When run a had its part. Undefined when it had nothing more. */
  readonly aNs: number | undefined;
  readonly bNs: number | undefined;
}

/** A line or a frame of a run. */
interface Sight {
  readonly atNs: number;
  readonly where: string;
  readonly text: string;
}

/**
 * Finds the earliest virtual instant at which two runs differ. Later differences may follow from it. Returns undefined
 * when all their evidence is the same.
 */
export async function firstDifference(a: Evidence, b: Evidence): Promise<EvidenceDifference | undefined> {
  const [mine, others] = [consolePaths(a), consolePaths(b)];
  const names = [...new Set([...mine.keys(), ...others.keys()])];
  const found = await Promise.all([
    ...names.map(async (name) =>
      compare('console', lines(name, mine.get(name)), lines(name, others.get(name))),
    ),
    compare('report', lines('operator', a.transcript), lines('operator', b.transcript)),
    compare('frame', frames(a.capture), frames(b.capture)),
  ]);
  return found
    .filter((difference) => difference !== undefined)
    .sort((one, other) => one.atNs - other.atNs)[0];
}

function consolePaths({ consoles }: Evidence): ReadonlyMap<string, string> {
  return new Map(consoles.map(({ name, path }) => [name, path]));
}

/** The difference as one sentence. */
export function differenceText({ atNs, where, a, b }: Difference): string {
  const shown = (text: string | undefined): string => (text === undefined ? 'nothing' : JSON.stringify(text));
  return `first difference at ${instantText(atNs)} s, ${where}: ${shown(a)}, then ${shown(b)}`;
}

async function compare(
  kind: EvidenceDifference['kind'],
  a: AsyncIterable<Sight>,
  b: AsyncIterable<Sight>,
): Promise<EvidenceDifference | undefined> {
  const others = b[Symbol.asyncIterator]();
  try {
    for await (const one of a) {
      const { value: other } = (await others.next()) as { value: Sight | undefined };
      if (other === undefined || !same(one, other)) return difference(kind, one, other);
    }
    const { value: other } = (await others.next()) as { value: Sight | undefined };
    return other === undefined ? undefined : difference(kind, undefined, other);
  } finally {
    // Closes the file that the generator has open.
    await others.return?.();
  }
}

function same(a: Sight, b: Sight): boolean {
  return a.atNs === b.atNs && a.where === b.where && a.text === b.text;
}

/** The difference is where the earlier of the two is: the other run did not have it then. */
function difference(
  kind: EvidenceDifference['kind'],
  a: Sight | undefined,
  b: Sight | undefined,
): EvidenceDifference {
  const earlier = a === undefined || (b !== undefined && b.atNs < a.atNs) ? b : a;
  const { atNs = 0, where = '' } = earlier ?? {};
  return { kind, atNs, where, a: a?.text, b: b?.text, aNs: a?.atNs, bNs: b?.atNs };
}

async function* lines(where: string, path: string | undefined): AsyncGenerator<Sight> {
  if (path === undefined) return;
  for await (const line of evidenceLines(path)) yield { ...line, where };
}

async function* frames(path: string | undefined): AsyncGenerator<Sight> {
  if (path === undefined) return;
  for await (const { atNs, bytes, content } of readCapture(path)) {
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
    const where = `${station(content, 6)} to ${station(content, 0)}`;
    yield { atNs, where, text: `a frame of ${bytes} bytes (${hash})` };
  }
}

const MULTICAST = 1;

/** The last byte of a guest's Ethernet address is its number. */
function station(frame: Buffer, offset: number): string {
  const address = frame.subarray(offset, offset + 6);
  if (((address[0] ?? 0) & MULTICAST) !== 0) return 'all';
  return `guest ${address[5] ?? '?'}`;
}
