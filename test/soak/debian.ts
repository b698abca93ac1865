// SPDX-License-Identifier: MIT
import {
  compare,
  type Comparison,
  DEBIAN_PROGRAMS,
  type DebianOutcome,
  faultsOf,
  runPlainly,
  swapWith,
  upWithDebian,
} from '../guest/debian-programs.js';
import { Tool } from '../guest/tool.js';
import type { ElasticSoak } from './elasticos.js';

/**
 * Programs of Debian, stretched over two and over three nodes with half of their footprint as budget, then swapping over
 * nbd on the same machines in as much memory. Each has to write what it writes un-stretched, and to jump when it is
 * stretched. All are run before the first fault is told; a row of a table is said for each.
 * @throws Error with everything that was wrong
 */
export async function soakDebian({ line, at, say, signal }: ElasticSoak): Promise<void> {
  await using tool = await Tool.make({}, signal);
  await upWithDebian(tool, line, 3);
  const programs = DEBIAN_PROGRAMS.filter((name) => name.includes(at));
  const compared: Comparison[] = [];
  for (const nodes of [2, 3]) {
    say(`| ${line}, ${String(nodes)} nodes | footprint | plain | stretched | jumps | pulls | right |`);
    for (const program of programs) {
      const comparison = await compare(tool, program, nodes);
      say(row(comparison));
      compared.push(comparison);
    }
  }
  const faults = compared.flatMap(faultsOf);
  say(`| ${line}, 2 nodes | budget | swapping | had at most | stretched | had at most | times faster |`);
  for (const comparison of compared.slice(0, programs.length)) {
    const swapping = await swapped(tool, comparison);
    say(beside(comparison, swapping));
    if (swapping.sha256 !== comparison.plain.sha256)
      faults.push(`${comparison.program}: it does not write the same when it swaps`);
  }
  if (faults.length > 0) throw new Error(faults.join('\n'));
}

/** The better of two runs: the first one has to read the program from the disk. */
async function swapped(tool: Tool, { program, budget }: Comparison): Promise<DebianOutcome> {
  await swapWith(tool, budget);
  const first = await runPlainly(tool, program);
  const second = await runPlainly(tool, program);
  return second.usage.nanoseconds < first.usage.nanoseconds ? second : first;
}

function row(comparison: Comparison): string {
  const { program, plain, stretched, counters } = comparison;
  const right = faultsOf(comparison).length === 0 ? 'yes' : 'NO';
  const times = [plain, stretched].map(seconds);
  return cells(program, mebibytes(plain.usage.peakBytes), ...times, counters.jumps, counters.pulls, right);
}

function beside({ program, budget, stretched }: Comparison, swapping: DebianOutcome): string {
  const ratio = swapping.usage.nanoseconds / stretched.usage.nanoseconds;
  const both = [swapping, stretched].flatMap((one) => [seconds(one), mebibytes(one.usage.peakBytes)]);
  return cells(program, mebibytes(budget), ...both, ratio.toFixed(2));
}

function cells(...texts: readonly (string | number)[]): string {
  return `| ${texts.join(' | ')} |`;
}

function seconds({ usage }: DebianOutcome): string {
  return `${(usage.nanoseconds / 1e9).toFixed(2)} s`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
