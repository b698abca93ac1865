// SPDX-License-Identifier: MIT
import { parseEndedCounters } from '../../testbed/experiment/run/elastic.js';
import type { ElasticCounters } from '../../testbed/experiment/result/cell-record.js';
import type { Tool } from './tool.js';

/**
 * Programs of Debian that guests/debian/debian-program knows, by the name that it has for them. Debian's C library asks no
 * kernel for its version any more, so it loads them on every kernel line.
 */
export const DEBIAN_PROGRAMS = [
  'awk',
  'cc1',
  'gzip',
  'lua',
  'luajit',
  'perl',
  'pipeline',
  'python3',
  'sort',
  'sqlite3',
  'stress-ng',
  'xz',
  'zstd',
] as const;

export type DebianProgram = (typeof DEBIAN_PROGRAMS)[number];

/** The last line of debian-program. */
export interface DebianOutcome {
  /** Of standard output, standard error and every file that the program has left. */
  readonly sha256: string;
  /** Of standard output. */
  readonly outputBytes: number;
  /** The beginning of what it wrote to standard error. */
  readonly complaint: string;
  readonly usage: {
    /** As wait(2) has it. */
    readonly status: number;
    readonly nanoseconds: number;
    /** Most memory that it had at home at once. */
    readonly peakBytes: number;
  };
}

/** A program run at home, once as on any machine and once stretched. */
export interface Comparison {
  readonly program: DebianProgram;
  readonly plain: DebianOutcome;
  readonly stretched: DebianOutcome;
  /** Half of what the plain one had at once, in bytes. */
  readonly budget: number;
  /** What home counted of the stretched one. */
  readonly counters: ElasticCounters;
}

/**
 * Nodes with the programs, whose managers run.
 * @throws ProgramFailedError when one does not come up
 */
export async function upWithDebian(tool: Tool, line: string, nodes: number): Promise<void> {
  const machines = ['--image', 'debian', '--nodes', String(nodes), '--memory', '192M'];
  await tool.succeed('up', '--kernel', line, ...machines, '--with', 'elasticos');
}

/** Runs a program plainly, then stretched over `nodes` with half of its footprint as budget. */
export async function compare(tool: Tool, program: DebianProgram, nodes: number): Promise<Comparison> {
  const plain = await outcome(tool, program, 'plain');
  const budget = Math.floor(plain.usage.peakBytes / 2);
  const before = await endedCounters(tool);
  const stretched = await outcome(tool, program, 'elastic', String(budget), String(nodes));
  const after = await endedCounters(tool);
  return { program, plain, stretched, budget, counters: difference(after, before) };
}

/** What is wrong with a comparison; empty where nothing is. */
export function faultsOf({ program, plain, stretched, counters }: Comparison): readonly string[] {
  const faults: string[] = [];
  if (plain.usage.status !== 0) faults.push(`un-stretched it ends with ${JSON.stringify(plain)}`);
  if (stretched.usage.status !== 0) faults.push(`stretched it ends with ${JSON.stringify(stretched)}`);
  if (stretched.sha256 !== plain.sha256) faults.push('it does not write the same');
  if (counters.jumps === 0) faults.push('it has not jumped');
  return faults.map((fault) => `${program}: ${fault}`);
}

async function outcome(tool: Tool, ...words: readonly string[]): Promise<DebianOutcome> {
  const { stdout } = await tool.succeed('exec', 'node1', '--', 'debian-program', ...words);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as DebianOutcome;
}

/** Of the processes of node1 that have ended. The last one's session may end a little after the process itself. */
async function endedCounters(tool: Tool): Promise<ElasticCounters> {
  const wait = 'for i in $(seq 100); do grep -q "^pid " /proc/elasticos || break; usleep 100000; done';
  const { stdout } = await tool.succeed('exec', 'node1', '--', 'sh', '-c', `${wait}; cat /proc/elasticos`);
  return parseEndedCounters('node1', stdout);
}

function difference(a: ElasticCounters, b: ElasticCounters): ElasticCounters {
  return {
    jumps: a.jumps - b.jumps,
    jumpBytes: a.jumpBytes - b.jumpBytes,
    pulls: a.pulls - b.pulls,
    pulledPages: a.pulledPages - b.pulledPages,
    pushes: a.pushes - b.pushes,
    pushedPages: a.pushedPages - b.pushedPages,
    bytesSent: a.bytesSent - b.bytesSent,
  };
}
