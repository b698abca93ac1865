// SPDX-License-Identifier: MIT
import type { GuestClock, PagingRecord } from '../result/cell-record.js';
import { outputOf, type Reading } from './readings.js';

/** Figures of a guest's kernel at one moment, which lies between `askedAt` and `answeredAt` of the host. */
export interface GuestSample {
  /** Milliseconds of the host's clock. */
  readonly askedAt: number;
  readonly answeredAt: number;
  /** Seconds since its boot, by the guest's own clock. */
  readonly uptime: number;
  /** Since its boot. */
  readonly paging: PagingRecord;
}

/** Prints the figures. {@link sampleOf} reads its answer. */
export const SAMPLE = ['cat', '/proc/uptime', '/proc/vmstat'] as const;

/** Reads the answer to {@link SAMPLE}. @throws RemoteCommandFailed when the command failed */
export function sampleOf(reading: Reading): GuestSample {
  const { askedAt, answeredAt } = reading;
  return { askedAt, answeredAt, ...parseGuestSample(outputOf(reading).stdout) };
}

/** Parses /proc/uptime followed by /proc/vmstat. A counter that a kernel lacks is 0. */
export function parseGuestSample(text: string): Pick<GuestSample, 'uptime' | 'paging'> {
  const [uptime = '', ...counters] = text.split('\n');
  const values = new Map(counters.map((line) => line.split(' ', 2) as [string, string]));
  const of = (name: string): number => Number(values.get(name) ?? 0);
  return {
    uptime: Number.parseFloat(uptime),
    paging: {
      majorFaults: of('pgmajfault'),
      pagesSwappedIn: of('pswpin'),
      pagesSwappedOut: of('pswpout'),
    },
  };
}

export function pagingBetween(before: GuestSample, after: GuestSample): PagingRecord {
  const [a, b] = [before.paging, after.paging];
  return {
    majorFaults: b.majorFaults - a.majorFaults,
    pagesSwappedIn: b.pagesSwappedIn - a.pagesSwappedIn,
    pagesSwappedOut: b.pagesSwappedOut - a.pagesSwappedOut,
  };
}

/** Compares the guest's clock with the host's. */
export function guestClockBetween(before: GuestSample, after: GuestSample): GuestClock {
  return {
    guestSeconds: after.uptime - before.uptime,
    hostSecondsAtLeast: Math.max(0, after.askedAt - before.answeredAt) / 1000,
    hostSecondsAtMost: (after.answeredAt - before.askedAt) / 1000,
  };
}
