// SPDX-License-Identifier: MIT
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Machines } from '../../../testbed/api/up/resolve-machines.js';
import { UpEstimate } from '../../../testbed/api/up/up-estimate.js';
import type { StageFinished, StageProgress, TestbedEvent } from '../../../testbed/base/event/event.js';
import { plainLines } from '../../../testbed/cli/view/plain-lines.js';
import { timeLeftText } from '../../../testbed/cli/view/time-left-text.js';
import { ManualClock } from '../../base/clock/manual-clock.js';
import { exampleContext, examplePlan } from '../../experiment/run/example-run.js';
import { temporaryFolder } from '../../products/image/test-context.js';

/** A host whose cache is `cache`, with what was told of the time that is left, in milliseconds. */
async function host(
  t: ExecutionContext,
  cache: string,
): Promise<{
  readonly clock: ManualClock;
  readonly begin: (flows?: Machines['flows']) => Promise<UpEstimate>;
  readonly told: () => readonly unknown[];
}> {
  const context = await exampleContext(t);
  const clock = new ManualClock();
  const [cell] = (await examplePlan()).cells;
  if (cell === undefined) throw new Error('the plan has no cell');
  const { shape } = cell;
  return {
    clock,
    begin: async (flows = ['nbd-setup']) =>
      UpEstimate.open({ ...context, clock, paths: { ...context.paths, cache } }, { shape, flows }),
    told: () => context.seen.flatMap((one) => (one.type === 'time-left' ? [[one.leftMs, one.whole]] : [])),
  };
}

const compiling = (leftMs: number): StageProgress => ({
  type: 'stage-progress',
  at: 0,
  id: 'kernel/linux-6.1/compile',
  leftMs,
});

const booted: StageFinished = {
  type: 'stage-finished',
  at: 0,
  id: 'boot/node1',
  outcome: 'done',
  elapsedMs: 6_000,
};

/** Boots in 20 s. */
async function bringUp(clock: ManualClock, estimate: UpEstimate): Promise<void> {
  estimate.boots();
  clock.advance(8_000);
  estimate.sink(booted);
  clock.advance(12_000);
  await estimate.isUp();
}

test('before such machines were brought up here, only the compilation is told', async (t) => {
  const { clock, begin, told } = await host(t, await temporaryFolder(t));
  const estimate = await begin();
  estimate.sink(compiling(240_000));
  await bringUp(clock, estimate);
  t.deepEqual(told(), [[240_000, false]]);
});

test('afterwards boot and set-up are counted, and told while they go on', async (t) => {
  const cache = await temporaryFolder(t);
  const first = await host(t, cache);
  await bringUp(first.clock, await first.begin());
  const { clock, begin, told } = await host(t, cache);
  const estimate = await begin();
  estimate.sink(compiling(240_000));
  await bringUp(clock, estimate);
  t.deepEqual(told(), [
    [260_000, true],
    [20_000, true],
    [12_000, true],
  ]);
});

test('other machines, or another set-up, are not taken for the same', async (t) => {
  const cache = await temporaryFolder(t);
  const first = await host(t, cache);
  await bringUp(first.clock, await first.begin());
  const { clock, begin, told } = await host(t, cache);
  await bringUp(clock, await begin(['setup-dest', 'setup-src']));
  t.deepEqual(told(), []);
});

test('progress that comes many times a second is told every five seconds', async (t) => {
  const { clock, begin, told } = await host(t, await temporaryFolder(t));
  const estimate = await begin();
  for (let step = 0; step < 60; step += 1) {
    estimate.sink(compiling(60_000 - step * 100));
    clock.advance(100);
  }
  t.deepEqual(told(), [
    [60_000, false],
    [55_000, false],
  ]);
});

test('every event is passed on, and a cache that cannot be written hinders nothing', async (t) => {
  const cache = join(await temporaryFolder(t), 'cache');
  await writeFile(cache, 'a file where the folder should be');
  const context = await exampleContext(t);
  const [cell] = (await examplePlan()).cells;
  if (cell === undefined) throw new Error('the plan has no cell');
  const paths = { ...context.paths, cache };
  const estimate = await UpEstimate.open({ ...context, paths }, { shape: cell.shape, flows: [] });
  estimate.sink(booted);
  estimate.boots();
  await t.notThrowsAsync(estimate.isUp());
  t.deepEqual(context.seen satisfies readonly TestbedEvent[], [booted]);
});

test('the time that is left is told with what it covers', (t) => {
  t.is(timeLeftText({ leftMs: 260_000, whole: true }), 'some 5 min left until it is up');
  t.is(timeLeftText({ leftMs: 240_000, whole: false }), 'some 4 min left to build, and then the boot');
});

test('a line tells of it, and not again within 15 s', (t) => {
  const lines: string[] = [];
  const view = plainLines((line) => lines.push(line));
  for (const at of [0, 5_000, 10_000, 15_000])
    view({ type: 'time-left', at, leftMs: 60_000 - at, whole: true });
  t.deepEqual(lines, [' note some 60 s left until it is up', ' note some 45 s left until it is up']);
});
