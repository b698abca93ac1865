// SPDX-License-Identifier: MIT
import test from 'ava';
import type { TestbedEvent } from '../../../testbed/base/event/event.js';
import { stage } from '../../../testbed/base/event/stage.js';
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
