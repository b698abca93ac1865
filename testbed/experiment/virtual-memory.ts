// SPDX-License-Identifier: MIT
import type { PagingRecord } from '../result/cell-record.js';

const COUNTERS = { majorFaults: 'pgmajfault', pagesSwappedIn: 'pswpin', pagesSwappedOut: 'pswpout' } as const;

/** Counters of a guest's /proc/vmstat, since its boot; one that its kernel lacks is 0. */
export function parseVmstat(text: string): PagingRecord {
  const values = new Map(text.split('\n').map((line) => line.split(' ', 2) as [string, string]));
  const of = (name: string): number => Number(values.get(name) ?? 0);
  return {
    majorFaults: of(COUNTERS.majorFaults),
    pagesSwappedIn: of(COUNTERS.pagesSwappedIn),
    pagesSwappedOut: of(COUNTERS.pagesSwappedOut),
  };
}

export function pagingBetween(before: PagingRecord, after: PagingRecord): PagingRecord {
  return {
    majorFaults: after.majorFaults - before.majorFaults,
    pagesSwappedIn: after.pagesSwappedIn - before.pagesSwappedIn,
    pagesSwappedOut: after.pagesSwappedOut - before.pagesSwappedOut,
  };
}
