// SPDX-License-Identifier: MIT
import test from 'ava';
import {
  hostLoad,
  type HostSample,
  NOISE_LIMIT,
  parseProcessorTimes,
  sampleHost,
} from '../../../testbed/experiment/run/host-load.js';
import { systemClock } from '../../../testbed/base/clock/clock.js';

test('user and system time of the whole host is busy; interrupts are our own packets, and left out', (t) => {
  const stat = 'cpu  1000 200 300 9000 50 70 80 90 0 0\ncpu0 1 2 3\n';
  t.deepEqual(parseProcessorTimes(stat), { busy: 15, stolen: 0.9 });
});

const IDLE: HostSample = { atMs: 0, loadAverage: 0, busy: 100, stolen: 0, own: 50 };

test('what our own processes used is not somebody else', (t) => {
  const load = hostLoad(IDLE, { ...IDLE, atMs: 10_000, busy: 112, own: 62 }, 2);
  t.is(load.others, 0);
  t.false(load.noisy);
});

test('what others used is a part of all processors, and noise above the limit', (t) => {
  const quiet = hostLoad(IDLE, { ...IDLE, atMs: 10_000, busy: 101 }, 2);
  t.is(quiet.others, 0.05);
  t.false(quiet.noisy);
  const loud = hostLoad(IDLE, { ...IDLE, atMs: 10_000, busy: 101.5, stolen: 1 }, 2);
  t.true(loud.others + loud.stolen > NOISE_LIMIT);
  t.true(loud.noisy);
});

test('this process is one of ours', async (t) => {
  const before = await sampleHost(systemClock, []);
  const until = process.cpuUsage().user + 200_000;
  while (process.cpuUsage().user < until) Math.sqrt(2);
  const after = await sampleHost(systemClock, []);
  t.true(after.own - before.own >= 0.1);
  t.true(after.busy >= before.busy);
});
