// SPDX-License-Identifier: MIT
import { isDeepStrictEqual } from 'node:util';
import type { CellRecord } from '../experiment/result/cell-record.js';
import type { Difference } from './difference.js';

/** The part of a cell's record that its machines determine. */
export type Repeatable = Pick<CellRecord, 'status' | 'reason' | 'flows' | 'measurement' | 'virtualTime'>;

/** What has to be the same whenever the cell is run: all but the load of the host. */
function repeatable({ status, reason, flows, measurement, virtualTime }: Repeatable): object {
  const { host: _, ...measured } = measurement ?? {};
  return { status, reason, flows, measurement: measured, virtualTime };
}

/** The first figure in which two records of a cell differ. Undefined when there is none. */
export function resultDifference(a: Repeatable, b: Repeatable): Difference | undefined {
  const found = firstOf([repeatable(a), repeatable(b)], 'result');
  if (found === undefined) return undefined;
  return { atNs: b.virtualTime?.virtualNanoseconds ?? 0, ...found };
}

function firstOf([a, b]: readonly [unknown, unknown], where: string): Omit<Difference, 'atNs'> | undefined {
  if (isDeepStrictEqual(a, b)) return undefined;
  if (!isObject(a) || !isObject(b)) return { where, a: JSON.stringify(a), b: JSON.stringify(b) };
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = firstOf([a[name], b[name]], `${where}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
