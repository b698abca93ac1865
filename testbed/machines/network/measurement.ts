// SPDX-License-Identifier: MIT
import { withDeadline } from '../../base/clock/deadline.js';
import type { Context } from '../../base/host/context.js';
import type { SshSession } from '../ssh/session.js';
import { LinkProbeError } from './errors.js';
import type { LinkMeasurement, LinkSpec } from './network.js';

/** One of the two guests between which the link is measured; `address` is the one on the emulated network. */
export interface LinkEnd {
  readonly session: SshSession;
  readonly address: string;
}

/** Where the image has guests/linkprobe. */
const LINKPROBE = '/usr/lib/testbed/linkprobe';

/** How long the stream is sent: much longer than slow start and the shaping's burst, much shorter than a boot. */
const STREAM_MS = 1_000;
const ECHOES = 20;
const DEADLINE_MS = 60_000;

/** There is a warning when a figure differs from the requested one by more than this part. */
const TOLERANCE = 0.1;

/**
 * Measures the link between two guests with guests/linkprobe: the throughput of one TCP stream, timed where it
 * arrives, and the round trip of echoes sent one after the other while nothing else is sent.
 * @throws DeadlineError after a minute
 * @throws LinkProbeError when a guest's linkprobe does not print figures
 */
export async function measureLink(
  context: Context,
  [from, to]: readonly [LinkEnd, LinkEnd],
  asked: LinkSpec,
): Promise<LinkMeasurement> {
  const { clock, signal } = context;
  const what = `measuring the link from ${from.session.node} to ${to.session.node}`;
  return await withDeadline({ what, deadlineMs: DEADLINE_MS, clock, signal }, async (inner) => {
    const roundTripUs = await measureRoundTrip(from, to, inner);
    const throughput = await measureThroughput(from, to, inner);
    const figures = { throughput, roundTripUs, asked };
    return { ...figures, warnings: linkWarnings(figures) };
  });
}

async function measureRoundTrip(
  from: LinkEnd,
  to: LinkEnd,
  signal: AbortSignal,
): Promise<LinkMeasurement['roundTripUs']> {
  const { stdout } = await from.session.succeed([LINKPROBE, 'echo', to.address, String(ECHOES)], {
    signal,
  });
  const answer = parseFigures(stdout, ['sent', 'received', 'median_ns', 'minimum_ns']);
  if (answer.received === 0) throw new LinkProbeError(`${to.address} answers no echo`, [stdout]);
  return { median: answer.median_ns / 1000, minimum: answer.minimum_ns / 1000 };
}

async function measureThroughput(from: LinkEnd, to: LinkEnd, signal: AbortSignal): Promise<number> {
  // The receiver would wait for ever when the sender fails.
  const receiver = new AbortController();
  const listening = firstLine();
  const received = to.session.succeed([LINKPROBE, 'receive'], {
    signal: AbortSignal.any([signal, receiver.signal]),
    onStdout: listening.push,
  });
  try {
    const line = await Promise.race([listening.line, received.then(({ stdout }) => stdout)]);
    const { port } = parseFigures(line, ['port']);
    const send = [LINKPROBE, 'send', to.address, String(port), String(STREAM_MS)] as const;
    const [{ stdout }] = await Promise.all([received, from.session.succeed(send, { signal })]);
    const { bytes, nanoseconds } = parseFigures(stdout.split('\n')[1] ?? '', ['bytes', 'nanoseconds']);
    if (nanoseconds === 0) throw new LinkProbeError('nothing arrived', [stdout]);
    return (bytes * 8 * 1e9) / nanoseconds;
  } finally {
    receiver.abort(new Error('the stream has ended'));
    received.catch(() => undefined);
  }
}

/** Resolves with the first whole line of what is pushed. */
function firstLine(): { readonly push: (chunk: Buffer) => void; readonly line: Promise<string> } {
  let text = '';
  let found: (line: string) => void = () => undefined;
  const line = new Promise<string>((resolve) => {
    found = resolve;
  });
  const push = (chunk: Buffer): void => {
    text += chunk.toString();
    const end = text.indexOf('\n');
    if (end >= 0) found(text.slice(0, end));
  };
  return { push, line };
}

/** Reads a JSON object whose named members are numbers. */
function parseFigures<K extends string>(text: string, names: readonly K[]): Record<K, number> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  const figures = (parsed ?? {}) as Partial<Record<K, unknown>>;
  for (const name of names) {
    if (typeof figures[name] !== 'number') {
      throw new LinkProbeError(`linkprobe gave no ${name.replace('_ns', ' time')}`, text.split('\n'));
    }
  }
  return figures as Record<K, number>;
}

/** One sentence for each figure that is off by more than 10 %. The round trip is checked only when a delay was requested. */
export function linkWarnings(measured: Omit<LinkMeasurement, 'warnings'>): readonly string[] {
  const { asked, throughput, roundTripUs } = measured;
  const warnings: string[] = [];
  if (isOff(throughput, asked.bandwidth)) {
    warnings.push(
      `the link carries ${megabits(throughput)} Mbit/s, ${megabits(asked.bandwidth)} Mbit/s were asked for`,
    );
  }
  if (asked.delayUs > 0 && isOff(roundTripUs.median, 2 * asked.delayUs)) {
    warnings.push(
      `the round trip takes ${Math.round(roundTripUs.median)} us, ${2 * asked.delayUs} us of delay were asked for`,
    );
  }
  return warnings;
}

function isOff(achieved: number, asked: number): boolean {
  return Math.abs(achieved - asked) > TOLERANCE * asked;
}

function megabits(bitsPerSecond: number): string {
  const value = bitsPerSecond / 1e6;
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
