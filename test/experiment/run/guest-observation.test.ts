// SPDX-License-Identifier: MIT
import test from 'ava';
import { UsageReportError } from '../../../testbed/experiment/run/errors.js';
import {
  guestClockBetween,
  pagingBetween,
  parseGuestSample,
} from '../../../testbed/experiment/run/guest-sample.js';
import { parseUsage, residentUnitOf, timed } from '../../../testbed/experiment/run/resource-usage.js';

test('time(1) is asked for figures on lines of their own', (t) => {
  t.deepEqual(timed(['heap-sort', '--bytes', '64']), [
    'time',
    '-o',
    '/run/workload-usage',
    '-f',
    'elapsed %e\nuser %U\nsystem %S\nmajor %F\nminor %R\nresident %M',
    'heap-sort',
    '--bytes',
    '64',
  ]);
});

/** The unit of a guest in which dd(1) with 4 MiB of buffer runs under a time(1) that tells this resident set. */
function unitTold(resident: string): number {
  return residentUnitOf({ stderr: `1+0 records in\n1+0 records out\n${resident}\n` });
}

test('the unit of its resident set is found by a program of known size', (t) => {
  t.is(unitTold('resident 5424'), 1024, 'KiB');
  t.is(unitTold('resident 21696'), 256, 'as busybox 1.35 tells it');
  t.throws(() => unitTold('resident 0'), { instanceOf: UsageReportError });
  t.throws(() => unitTold(''), { instanceOf: UsageReportError });
});

const USAGE = 'elapsed 55.48\nuser 0.56\nsystem 25.09\nmajor 95434\nminor 16624\nresident 117152\n';

test('its report is read in that unit', (t) => {
  t.deepEqual(parseUsage(USAGE, 256), {
    elapsedSeconds: 55.48,
    userSeconds: 0.56,
    systemSeconds: 25.09,
    majorFaults: 95434,
    minorFaults: 16624,
    peakResidentBytes: 29_990_912,
  });
});

test('so is the signal that ended the program', (t) => {
  t.is(parseUsage(`Command terminated by signal 11\n${USAGE}`, 1024).signal, 11);
});

test('a report that lacks a figure is refused', (t) => {
  t.throws(() => parseUsage(USAGE.replace('major 95434\n', ''), 1024), { instanceOf: UsageReportError });
});

const EARLY = parseGuestSample('12.50 10.00\npgfault 10\npgmajfault 3\npswpin 1\npswpout 2\n');
const LATE = parseGuestSample('76.50 10.00\npgfault 99\npgmajfault 1003\npswpin 901\npswpout 802\n');

test('paging is what the counters of the guest moved by', (t) => {
  const at = { askedAt: 0, answeredAt: 0 };
  t.deepEqual(pagingBetween({ ...EARLY, ...at }, { ...LATE, ...at }), {
    majorFaults: 1000,
    pagesSwappedIn: 900,
    pagesSwappedOut: 800,
  });
});

test('the host brackets seconds of the guest by when it asked and was answered', (t) => {
  const before = { ...EARLY, askedAt: 1000, answeredAt: 1200 };
  const after = { ...LATE, askedAt: 21_200, answeredAt: 21_500 };
  t.deepEqual(guestClockBetween(before, after), {
    guestSeconds: 64,
    hostSecondsAtLeast: 20,
    hostSecondsAtMost: 20.5,
  });
});
