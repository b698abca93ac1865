// SPDX-License-Identifier: MIT
import test from 'ava';
import { systemClock } from '../../../testbed/base/clock/clock.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';
import { watchStandstill } from '../../../testbed/experiment/run/standstill.js';
import { ManualClock } from '../../base/clock/manual-clock.js';

test('a machine that is stopped is told, also when it goes on', async (t) => {
  await using machine = await systemProcesses.start(['sleep', '1000'], { orphan: 'survives' });
  const over = new AbortController();
  const watch = watchStandstill(systemClock, [{ name: 'node1', pid: machine.pid }], over.signal);
  machine.kill('SIGSTOP');
  await systemClock.sleep(1_000);
  machine.kill('SIGCONT');
  await systemClock.sleep(300);
  over.abort();
  t.is(await watch, 'the QEMU of node1 was stopped');
});

test('machines that run, and one that has ended, are nothing to tell of', async (t) => {
  const over = new AbortController();
  const machines = [
    { name: 'node1', pid: process.pid },
    { name: 'node2', pid: 2 ** 30 },
  ];
  const watch = watchStandstill(systemClock, machines, over.signal);
  await systemClock.sleep(500);
  over.abort();
  t.is(await watch, undefined);
});

test('a testbed that did not run for long is told', async (t) => {
  const clock = new ManualClock();
  const over = new AbortController();
  const watch = watchStandstill(clock, [], over.signal);
  await clock.settle();
  clock.advance(20_000);
  await clock.settle();
  over.abort();
  t.is(await watch, 'the testbed stood still for 20.0 s');
});
