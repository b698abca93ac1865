// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { readCapture } from './capture.js';
import type { Evidence } from './digest.js';
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
export async function firstDifference(a: Evidence, b: Evidence): Promise<Difference | undefined> {
  const others = new Map(b.consoles.map(({ name, path }) => [name, path]));
  const found = await Promise.all([
    ...a.consoles.map(async ({ name, path }) => compare(sights(name, path), sights(name, others.get(name)))),
    compare(sights('operator', a.transcript), sights('operator', b.transcript)),
    compare(frames(a.capture), frames(b.capture)),
  ]);
  return found
    .filter((difference) => difference !== undefined)
    .sort((one, other) => one.atNs - other.atNs)[0];
}

/** The difference as one sentence. */
export function differenceText({ atNs, where, a, b }: Difference): string {
  const shown = (text: string | undefined): string => (text === undefined ? 'nothing' : JSON.stringify(text));
  return `first difference at ${instantText(atNs)} s, ${where}: ${shown(a)}, then ${shown(b)}`;
}

async function compare(a: AsyncIterable<Sight>, b: AsyncIterable<Sight>): Promise<Difference | undefined> {
  const others = b[Symbol.asyncIterator]();
  try {
    for await (const one of a) {
      const { value: other } = (await others.next()) as { value: Sight | undefined };
      if (other === undefined || !same(one, other)) return difference(one, other);
    }
    const { value: other } = (await others.next()) as { value: Sight | undefined };
    return other === undefined ? undefined : difference(undefined, other);
  } finally {
    // Closes the file that the generator has open.
    await others.return?.();
  }
}

function same(a: Sight, b: Sight): boolean {
  return a.atNs === b.atNs && a.where === b.where && a.text === b.text;
}

/** The difference is where the earlier of the two is: the other run did not have it then. */
function difference(a: Sight | undefined, b: Sight | undefined): Difference {
  const earlier = a === undefined || (b !== undefined && b.atNs < a.atNs) ? b : a;
  return { atNs: earlier?.atNs ?? 0, where: earlier?.where ?? '', a: a?.text, b: b?.text };
}

/** Yields the lines of a file in which each begins with its instant, in seconds. */
async function* sights(where: string, path: string | undefined): AsyncGenerator<Sight> {
  if (path === undefined) return;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const [, seconds, nanoseconds, text] = /^(\d+)\.(\d{9}) (.*)$/.exec(line) ?? [];
    if (text !== undefined) yield { atNs: Number(seconds) * 1e9 + Number(nanoseconds), where, text };
  }
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
