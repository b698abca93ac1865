// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import test from 'ava';
import { systemClock } from '../../../testbed/base/clock/clock.js';
import { withDeadline } from '../../../testbed/base/clock/deadline.js';
import type { TestbedEvent } from '../../../testbed/base/event/event.js';
import { stage, type Stage } from '../../../testbed/base/event/stage.js';
import { acquireLock } from '../../../testbed/base/host/lock.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';
import { temporaryFolder } from '../../products/image/test-context.js';
import { ManualClock } from '../clock/manual-clock.js';

function recorder(): { clock: ManualClock; events: (event: TestbedEvent) => void; seen: TestbedEvent[] } {
  const seen: TestbedEvent[] = [];
  return { clock: new ManualClock(), events: (event) => void seen.push(event), seen };
}

test('a stage tells its start, its progress and its end with the time it took', async (t) => {
  const where = recorder();
  const answer = await stage(where, 'kernel/build', 'Compile', async (current) => {
    current.progress({ done: 1, total: 2, unit: 'files' });
    where.clock.advance(250);
    return Promise.resolve('vmlinux');
  });
  t.is(answer, 'vmlinux');
  t.deepEqual(where.seen, [
    { type: 'stage-started', at: 0, id: 'kernel/build', title: 'Compile' },
    { type: 'stage-progress', at: 0, id: 'kernel/build', done: 1, total: 2, unit: 'files' },
    { type: 'stage-finished', at: 250, id: 'kernel/build', outcome: 'done', elapsedMs: 250 },
  ]);
});

test('a throw ends the stage as failed and goes on to the caller', async (t) => {
  const where = recorder();
  await t.throwsAsync(
    stage(where, 'x', 'X', async () => Promise.reject(new Error('no space'))),
    { message: 'no space' },
  );
  const last = where.seen.at(-1);
  t.like(last, { type: 'stage-finished', outcome: 'failed' });
});

test('a skipped stage carries its reason', async (t) => {
  const where = recorder();
  await stage(where, 'x', 'X', async (current) => {
    current.skipped('no source');
    return Promise.resolve();
  });
  t.like(where.seen.at(-1), { outcome: 'skipped', note: 'no source' });
});

/** Does `body` in a stage named `x`, which is told nothing, and gives what it said of its silence. */
async function silences(
  where: ReturnType<typeof recorder>,
  body: (current: Stage, clock: ManualClock) => Promise<void>,
): Promise<readonly TestbedEvent[]> {
  await stage(where, 'x', 'X', async (current) => body(current, where.clock));
  return where.seen.filter(({ type }) => type === 'stage-waiting');
}

/** Moves time on in steps that a listener can follow. */
async function pass(clock: ManualClock, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    clock.advance(1000);
    await clock.settle();
  }
}

test('a stage without news says so after 20 s, and again when that time has doubled', async (t) => {
  const told = await silences(recorder(), async (_, clock) => pass(clock, 100));
  t.deepEqual(told, [
    { type: 'stage-waiting', at: 20_000, id: 'x', silentMs: 20_000 },
    { type: 'stage-waiting', at: 40_000, id: 'x', silentMs: 40_000 },
    { type: 'stage-waiting', at: 80_000, id: 'x', silentMs: 80_000 },
  ]);
});

test('progress and output are news', async (t) => {
  const told = await silences(recorder(), async (current, clock) => {
    await pass(clock, 15);
    current.output('CC mm/memory.o');
    await pass(clock, 15);
    current.progress({ done: 1 });
    await pass(clock, 19);
  });
  t.deepEqual(told, []);
});

test('a part of a stage speaks for the whole; when it has ended, the silence of the whole begins', async (t) => {
  const where = recorder();
  const told = await silences(where, async (_, clock) => {
    await stage(where, 'x/y', 'Y', async () => pass(clock, 30));
    await pass(clock, 15);
  });
  t.deepEqual(
    told.map((event) => [event.at, 'id' in event ? event.id : '']),
    [[20_000, 'x/y']],
  );
});

test('a silent stage says what it waits for, and what was heard last', async (t) => {
  const told = await silences(recorder(), async (_, clock) => {
    const excerpt = (): readonly string[] => ['Booting', 'Mounting /proc'];
    const wait = { what: 'the boot of node1', deadlineMs: 60_000, clock, excerpt };
    await withDeadline(wait, async () => pass(clock, 25));
    await pass(clock, 15);
  });
  t.deepEqual(told, [
    {
      type: 'stage-waiting',
      at: 20_000,
      id: 'x',
      silentMs: 20_000,
      what: 'the boot of node1',
      last: 'Mounting /proc',
    },
    // The boot is over, and nothing else is waited for.
    { type: 'stage-waiting', at: 40_000, id: 'x', silentMs: 40_000 },
  ]);
});

test('a stage that waits for a program names it', async (t) => {
  const told = await silences(recorder(), async (_, clock) => {
    const end = new AbortController();
    const sleeping = systemProcesses.run(['/bin/sleep', '1000'], { signal: end.signal });
    await pass(clock, 20);
    end.abort(new Error('that is enough'));
    await t.throwsAsync(sleeping, { message: 'that is enough' });
  });
  t.like(told[0], { what: 'the end of sleep' });
});

test('a stage that waits for a lock names the process that holds it', async (t) => {
  const where = recorder();
  const path = join(await temporaryFolder(t), 'lock');
  const context = { ...where, processes: systemProcesses, signal: new AbortController().signal };
  const purpose = 'building linux-6.1';
  const held = await acquireLock(context, path, { wait: 'queue', purpose });
  const told = await silences(where, async (_, clock) => {
    const waiting = acquireLock(context, path, { wait: 'queue', purpose: 'building linux-6.1' });
    while (!where.seen.some(({ type }) => type === 'notice')) await systemClock.sleep(10);
    await pass(clock, 20);
    await held[Symbol.asyncDispose]();
    await (await waiting)[Symbol.asyncDispose]();
  });
  t.regex(JSON.stringify(told[0]), /"what":"process \d+, which has been building linux-6\.1 since /);
});
