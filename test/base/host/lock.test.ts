// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../../testbed/base/clock/clock.js';
import type { TestbedEvent } from '../../../testbed/base/event/event.js';
import { BusyError } from '../../../testbed/base/host/errors.js';
import { acquireLock } from '../../../testbed/base/host/lock.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';

async function lockFile(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lock-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'deep', 'lock');
}

function host(
  signal = new AbortController().signal,
  onEvent: (event: TestbedEvent) => void = () => undefined,
) {
  return { processes: systemProcesses, clock: systemClock, events: onEvent, signal };
}

test('whoever comes second and will not wait is told who has the lock, what for and since when', async (t) => {
  const path = await lockFile(t);
  await using first = await acquireLock(host(), path, { wait: 'refuse', purpose: 'building linux-6.1' });
  t.is(first.path, path);
  const error = await t.throwsAsync(acquireLock(host(), path, { wait: 'refuse', purpose: 'more' }), {
    instanceOf: BusyError,
  });
  t.like(error.holder, { pid: process.pid, purpose: 'building linux-6.1' });
  t.regex(error.message, /is held by process \d+, which has been building linux-6\.1 since 2/);
  t.is(error.exitCode, 10);
});

test('a lock that was given back can be taken again', async (t) => {
  const path = await lockFile(t);
  for (let turn = 0; turn < 2; turn += 1) {
    const lock = await acquireLock(host(), path, { wait: 'refuse', purpose: 'testing' });
    await lock[Symbol.asyncDispose]();
  }
  t.pass();
});

test('whoever queues says whom they wait for, and gets the lock when it is given back', async (t) => {
  const path = await lockFile(t);
  const first = await acquireLock(host(), path, { wait: 'refuse', purpose: 'building' });
  let said: (text: string) => void = () => undefined;
  const waiting = new Promise<string>((resolve) => (said = resolve));
  const second = acquireLock(
    host(undefined, (event) => {
      if (event.type === 'notice') said(event.text);
    }),
    path,
    { wait: 'queue', purpose: 'queueing' },
  );
  t.regex(await waiting, /^waiting for process \d+, which has been building since/);
  await first[Symbol.asyncDispose]();
  await (await second)[Symbol.asyncDispose]();
});

test('whoever queues can be called off', async (t) => {
  const path = await lockFile(t);
  await using first = await acquireLock(host(), path, { wait: 'refuse', purpose: 'building' });
  t.is(first.path, path);
  const controller = new AbortController();
  const second = acquireLock(
    host(controller.signal, () => {
      controller.abort(new Error('enough'));
    }),
    path,
    { wait: 'queue', purpose: 'queueing' },
  );
  await t.throwsAsync(second, { message: 'enough' });
});

test('kill -9 of the holder frees the lock, and what its file says is not believed', async (t) => {
  const path = await lockFile(t);
  const module = (name: string): string =>
    JSON.stringify(new URL(`../../../testbed/base/${name}`, import.meta.url).href);
  const script = `
    import { systemProcesses } from ${module('process/system-processes.js')};
    import { systemClock } from ${module('clock/clock.js')};
    import { acquireLock } from ${module('host/lock.js')};
    const signal = new AbortController().signal;
    const context = { processes: systemProcesses, clock: systemClock, events: () => undefined, signal };
    await acquireLock(context, ${JSON.stringify(path)}, { wait: 'refuse', purpose: 'dying' });
    console.log('held');
    setInterval(() => undefined, 1000);
  `;
  const argv = [process.execPath, '--input-type=module', '--eval', script] as const;
  await using holder = await systemProcesses.start(argv, { orphan: 'dies' });
  if (holder.stdout === undefined) throw new Error('no output to read');
  await once(holder.stdout, 'data');
  const refused = await t.throwsAsync(acquireLock(host(), path, { wait: 'refuse', purpose: 'mine' }), {
    instanceOf: BusyError,
  });
  t.is(refused.holder?.pid, holder.pid);
  holder.kill('SIGKILL');
  await using mine = await acquireLock(host(), path, { wait: 'queue', purpose: 'mine' });
  t.is(mine.path, path);
});
