// SPDX-License-Identifier: MIT
import { pollUntil } from '../../base/clock/deadline.js';
import { SCRIPTS } from '../../machines/flow/flow.js';
import type { Context } from '../../base/host/context.js';
import type { ArgumentVector } from '../../base/process/process-runner.js';
import type { ElasticCounters, ElasticRecord } from '../result/cell-record.js';
import type { ElasticRun } from '../scenario/system.js';
import { ElasticReportError } from './errors.js';
import type { CellNode } from './machines.js';
import type { MeasuringCommand } from './measure.js';

/*
 * What an elastic process did, read when it has ended. How long its shells computed is what wait4(2) told their parents, the
 * managers; the kernel module has no part in that. Its own counters are kept beside it.
 */

const ELASTIC = `${SCRIPTS}/elastic`;

/** Where a manager notes each shell that has ended, a JSON object a line. */
const SHELLS = '/run/elastic/shells';

/** From the end of a process to the end of its shells. */
const SHELLS_MS = 20_000;

/** The command line that runs `argv` as an elastic process. */
export function elasticCommand(run: ElasticRun, argv: ArgumentVector): ArgumentVector {
  const { policy, budget, nodes, threshold, window } = run;
  const options = { budget, policy, nodes, threshold, window };
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return [ELASTIC, 'run', ...words, '--', ...argv];
}

const NODES = [ELASTIC, 'nodes', '--json'] as const;
const READ_SHELLS = ['cat', SHELLS] as const;
const READ_COUNTERS = ['cat', '/proc/elasticos'] as const;

/** Time after which shells have ended that end at all. */
const SHELLS_END_MS = 1_000;

/**
 * What {@link readElastic} asks of nodes, in this order, where the shells have ended by then.
 * @param nodes indices, home's first
 * @param disturbed whether something may keep shells from hearing of the end
 */
export function elasticQuestions(nodes: readonly number[], disturbed: boolean): readonly MeasuringCommand[] {
  return [
    { node: 1, argv: NODES, delayMs: disturbed ? SHELLS_MS : SHELLS_END_MS },
    ...nodes.slice(1).map((node) => ({ node, argv: READ_SHELLS })),
    ...nodes.map((node) => ({ node, argv: READ_COUNTERS })),
  ];
}

/**
 * Reads what became of the one elastic process that these nodes have had, home first.
 * @throws DeadlineError when its shells do not end, ElasticReportError when a node tells nothing sensible
 */
export async function readElastic(
  { clock, signal }: Context,
  nodes: readonly CellNode[],
): Promise<ElasticRecord> {
  const [home, ...others] = nodes;
  if (home === undefined) throw new RangeError('a cluster has at least one node');
  const wait = { what: 'the end of all shells', deadlineMs: SHELLS_MS, everyMs: 100, clock, signal };
  await pollUntil(wait, async () => (await shellsLeft(home)) === 0 || undefined);
  const shells = await Promise.all(others.map(readShells));
  const texts = await Promise.all(nodes.map(readModule));
  const counters = texts.map((text, index) =>
    parseEndedCounters(nodes[index]?.machine.spec.name ?? '', text),
  );
  const reason = parseEndedReason(texts[0] ?? '');
  return {
    shells: shells.flat(),
    counters: counters.reduce(sum),
    ...(reason === undefined ? {} : { reason }),
  };
}

async function shellsLeft({ machine, session }: CellNode): Promise<number> {
  const { stdout } = await session.succeed(NODES);
  const rows = parsed(machine.spec.name, stdout) as readonly { readonly shells?: number }[];
  return rows.reduce((total, { shells = 0 }) => total + shells, 0);
}

async function readShells({ machine, session }: CellNode): Promise<ElasticRecord['shells']> {
  const { code, stdout } = await session.exec(READ_SHELLS);
  if (code !== 0) return [];
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const shell = parsed(machine.spec.name, line) as Record<string, unknown>;
    const figure = (name: string): number => {
      const value = shell[name];
      if (typeof value === 'number') return value;
      throw new ElasticReportError(machine.spec.name, line);
    };
    return {
      node: machine.spec.name,
      userSeconds: figure('userMicroseconds') / 1e6,
      systemSeconds: figure('systemMicroseconds') / 1e6,
      peakResidentBytes: figure('peakResidentBytes'),
    };
  });
}

function parsed(node: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ElasticReportError(node, text);
  }
}

async function readModule({ session }: CellNode): Promise<string> {
  return (await session.succeed(READ_COUNTERS)).stdout;
}

/** The module's counters of all sessions that have ended on a node; zeroes where there was none. */
export function parseEndedCounters(node: string, text: string): ElasticCounters {
  const block = /(?:^|\n)ended \d+\n([\s\S]*)$/.exec(text)?.[1];
  const of = (name: string): number => {
    if (block === undefined) return 0;
    const found = new RegExp(`^${name} (\\d+)$`, 'm').exec(block)?.[1];
    if (found === undefined) throw new ElasticReportError(node, text);
    return Number(found);
  };
  return {
    jumps: of('jumps_out'),
    jumpBytes: of('jump_bytes'),
    pulls: of('pulls'),
    pulledPages: of('pulled_pages'),
    pushes: of('pushes'),
    pushedPages: of('pushed_pages'),
    bytesSent: of('bytes_sent'),
  };
}

/** Why the last process of a node was ended, or what it had lost; undefined where nothing was lost. */
export function parseEndedReason(text: string): string | undefined {
  return /(?:^|\n)ended \d+\n(?:.*\n)*?reason (.*)$/m.exec(text)?.[1];
}

function sum(a: ElasticCounters, b: ElasticCounters): ElasticCounters {
  return {
    jumps: a.jumps + b.jumps,
    jumpBytes: a.jumpBytes + b.jumpBytes,
    pulls: a.pulls + b.pulls,
    pulledPages: a.pulledPages + b.pulledPages,
    pushes: a.pushes + b.pushes,
    pushedPages: a.pushedPages + b.pushedPages,
    bytesSent: a.bytesSent + b.bytesSent,
  };
}
