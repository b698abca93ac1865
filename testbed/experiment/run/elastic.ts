// SPDX-License-Identifier: MIT
import { nodeName } from '../../machines/cluster/guest-identity.js';
import { SCRIPTS } from '../../machines/flow/flow.js';
import type { RemoteFinished } from '../../machines/ssh/session.js';
import { succeeded } from '../../machines/ssh/succeeded.js';
import type { ArgumentVector } from '../../base/process/process-runner.js';
import type { ElasticCounters, ElasticRecord } from '../result/cell-record.js';
import type { ElasticRun } from '../scenario/system.js';
import { ElasticReportError } from './errors.js';
import { outputOf, type Reading, type Readings } from './readings.js';
import type { MeasuringCommand } from './script.js';

/*
 * What an elastic process did, read when it has ended. How long its shells computed comes from wait4(2) in their parents,
 * the managers, so that the kernel module has no part in it. The module's counters are kept beside it.
 */

const ELASTIC = `${SCRIPTS}/elastic`;

/** Where a manager notes each shell that has ended, a JSON object a line. */
const SHELLS = '/run/elastic/shells';

/** Most time from the end of a process to the end of its shells. */
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
/** Prints the module's counters, which {@link parseEndedCounters} and {@link parseEndedReason} read. */
export const READ_COUNTERS = ['cat', '/proc/elasticos'] as const;

/** Usual time from the end of a process to the end of its shells. */
const SHELLS_END_MS = 1_000;

/**
 * The commands that read what an elastic process did: one that waits for the end of its shells, then one for each figure.
 * @param nodes indices, home's first
 * @param disturbed whether something may keep shells from hearing of the end
 */
export function shellCommands(nodes: readonly number[], disturbed: boolean): readonly MeasuringCommand[] {
  const until = { what: 'the end of all shells', shownBy: noShellIsLeft, withinMs: SHELLS_MS };
  const delayMs = disturbed ? SHELLS_MS : SHELLS_END_MS;
  return [
    { purpose: 'shells-left', node: 1, argv: NODES, until, delayMs },
    ...nodes.slice(1).map((node) => ({ purpose: 'shells' as const, node, argv: READ_SHELLS })),
    ...nodes.map((node) => ({ purpose: 'counters' as const, node, argv: READ_COUNTERS })),
  ];
}

/**
 * What became of the one elastic process that the nodes have had.
 * @throws ElasticReportError when a node tells nothing sensible
 */
export function readElastic(readings: Readings): ElasticRecord {
  const texts = readings
    .all('counters')
    .map((reading) => ({ node: nodeName(reading.command.node), text: outputOf(reading).stdout }));
  const reason = parseEndedReason(texts[0]?.text ?? '');
  return {
    shells: readings.all('shells').flatMap(shellsOf),
    counters: texts.map(({ node, text }) => parseEndedCounters(node, text)).reduce(sum),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** Whether home's manager says, in its answer to {@link NODES}, that all shells have ended. */
function noShellIsLeft(answer: RemoteFinished): boolean {
  const home = nodeName(1);
  const { stdout } = succeeded(home, NODES, answer);
  const rows = parsed(home, stdout) as readonly { readonly shells?: number }[];
  return rows.every(({ shells = 0 }) => shells === 0);
}

/** The shells that a node's manager has noted. There need not be any. */
function shellsOf({ command, answer }: Reading): ElasticRecord['shells'] {
  if (answer?.code !== 0) return [];
  const node = nodeName(command.node);
  const lines = answer.stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const shell = parsed(node, line) as Record<string, unknown>;
    const figure = (name: string): number => {
      const value = shell[name];
      if (typeof value === 'number') return value;
      throw new ElasticReportError(node, line);
    };
    return {
      node,
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

/** The module's counters of all sessions that have ended on a node. Zeroes where there was none. */
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

/** Why the last process of a node was ended, or what it had lost. Undefined where nothing was lost. */
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
