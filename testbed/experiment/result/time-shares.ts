// SPDX-License-Identifier: MIT
import type { Measurement } from './cell-record.js';

/**
 * The part of its user time that a process spent on each node, home first, by the accounts of the nodes' kernels.
 * Undefined for a process that was only at home, or that used no user time.
 */
export function timeShares({ process, elastic }: Measurement): readonly number[] | undefined {
  if (process === undefined || elastic === undefined) return undefined;
  const nodes = new Map<string, number>();
  for (const { node, userSeconds } of elastic.shells) nodes.set(node, (nodes.get(node) ?? 0) + userSeconds);
  const elsewhere = [...nodes.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, seconds]) => seconds);
  const seconds = [process.userSeconds, ...elsewhere];
  const total = seconds.reduce((sum, value) => sum + value, 0);
  return total === 0 ? undefined : seconds.map((value) => value / total);
}

/** `60/40 %`: home first. */
export function sharesText(shares: readonly number[]): string {
  return `${shares.map((share) => Math.round(share * 100)).join('/')} %`;
}
