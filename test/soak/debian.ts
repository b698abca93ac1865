// SPDX-License-Identifier: MIT
import {
  compare,
  type Comparison,
  DEBIAN_PROGRAMS,
  type DebianOutcome,
  faultsOf,
  upWithDebian,
} from '../guest/debian-programs.js';
import { Tool } from '../guest/tool.js';
import type { ElasticSoak } from './elasticos.js';

/**
 * Programs of Debian, stretched over two and over three nodes with half of their footprint as budget. Each has to write
 * what it writes un-stretched, and to jump. All are run before the first fault is told; a row of a table is said for each.
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
  if (faults.length > 0) throw new Error(faults.join('\n'));
}

function row(comparison: Comparison): string {
  const { program, plain, stretched, counters } = comparison;
  const right = faultsOf(comparison).length === 0 ? 'yes' : 'NO';
  const times = [plain, stretched].map(seconds);
  return cells(program, mebibytes(plain.usage.peakBytes), ...times, counters.jumps, counters.pulls, right);
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
