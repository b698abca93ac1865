// SPDX-License-Identifier: MIT
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { DeadlineError } from '../../../testbed/base/clock/deadline.js';
import type { TestbedEvent } from '../../../testbed/base/event/event.js';
import type { Context } from '../../../testbed/base/host/context.js';
import { systemPaths } from '../../../testbed/base/host/paths.js';
import type { KernelProduct } from '../../../testbed/products/kernel/line/kernel-product.js';
import { bootQemu } from '../../../testbed/machines/node/boot.js';
import { BootError, GuestDiedError } from '../../../testbed/machines/node/errors.js';
import type { Qemu } from '../../../testbed/machines/node/qemu.js';
import type { QemuSpec } from '../../../testbed/machines/node/qemu-spec.js';
import { ManualClock } from '../../base/clock/manual-clock.js';
import { FakeQemu } from './fake-qemu.js';

const DEADLINE = { deadlineMs: 60_000 };

/** Longer than it takes to call a report complete. */
const REPORT_MS = 1_000;

interface Stand {
  readonly qemu: FakeQemu;
  readonly clock: ManualClock;
  readonly context: Context;
  readonly spec: QemuSpec;
  readonly events: TestbedEvent[];
  /** Lets time pass until what was printed has been read and judged. */
  readonly pass: (ms: number) => Promise<void>;
}

async function stand(
  t: ExecutionContext,
  change: Partial<QemuSpec> = {},
  signal?: AbortSignal,
): Promise<Stand> {
  const folder = await mkdtemp(join(tmpdir(), 'boot-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const qemu = new FakeQemu();
  const clock = new ManualClock();
  const events: TestbedEvent[] = [];
  const context: Context = {
    paths: systemPaths(),
    processes: qemu.processes,
    clock,
    events: (event) => events.push(event),
    signal: signal ?? new AbortController().signal,
    offline: true,
  };
  const spec: QemuSpec = {
    name: 'node1',
    index: 1,
    memoryBytes: 256 * 1024 * 1024,
    cpus: 1,
    kernel: { bzImage: '/store/bzImage' } as KernelProduct,
    initrd: [],
    disks: [],
    attachment: {
      index: 1,
      mac: '',
      address: '10.77.0.1',
      qemuArguments: [],
      descriptors: [],
      ssh: { host: '10.77.0.1', port: 22 },
    },
    accelerator: 'tcg',
    folder,
    kernelArguments: [],
    ...change,
  };
  const pass = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 50) {
      await clock.settle();
      clock.advance(50);
    }
    await clock.settle();
  };
  return { qemu, clock, context, spec, events, pass };
}

async function booted(t: ExecutionContext, change: Partial<QemuSpec> = {}): Promise<Stand & { node: Qemu }> {
  const given = await stand(t, change);
  const booting = bootQemu(given.context, given.spec, DEADLINE);
  await given.clock.settle();
  given.qemu.prints('[    0.000000] Linux version 6.1', '[    0.512000] testbed: ready node1');
  const node = await booting;
  t.teardown(() => node[Symbol.asyncDispose]());
  return { ...given, node };
}

function forEver(): Promise<never> {
  return new Promise<never>(() => undefined);
}

test('a node has booted when its init says so', async (t) => {
  const { node, qemu } = await booted(t);
  t.is(node.commandLine[0], 'qemu-system-x86_64');
  t.deepEqual(node.consoleTail(1), ['[    0.512000] testbed: ready node1']);
  await node[Symbol.asyncDispose]();
  t.deepEqual(await qemu.exited, { code: undefined, signal: 'SIGTERM' });
});

test("another node's word is not taken for it", async (t) => {
  const { qemu, context, spec, pass } = await stand(t);
  const booting = bootQemu(context, spec, DEADLINE);
  await pass(0);
  qemu.prints('testbed: ready node2');
  await pass(61_000);
  await t.throwsAsync(booting, { instanceOf: DeadlineError });
});

test('a panic ends the boot, with the trace that follows it', async (t) => {
  const { qemu, context, spec, pass } = await stand(t);
  const booting = bootQemu(context, spec, DEADLINE);
  await pass(0);
  qemu.prints('[    2.100000] Kernel panic - not syncing: Attempted to kill init!');
  await pass(50);
  qemu.prints('[    2.100100] Call Trace:', '[    2.100200]  panic+0x118/0x2f4');
  await pass(REPORT_MS);
  const error = await t.throwsAsync(booting, { instanceOf: BootError });
  t.is(error.exitCode, 7);
  t.is(error.death.kind, 'panic');
  t.is(error.excerpt.at(-1), '[    2.100200]  panic+0x118/0x2f4');
  t.is(error.log, join(spec.folder, 'console.log'));
});

test('a hang ends the boot at the deadline, with the last lines and the prompt that it hangs at', async (t) => {
  const { qemu, context, spec, pass } = await stand(t);
  const booting = bootQemu(context, spec, DEADLINE);
  await pass(0);
  qemu.prints('[    1.000000] random: crng init done');
  qemu.stdout.write('waiting for entropy...');
  await pass(61_000);
  const error = await t.throwsAsync(booting, { instanceOf: DeadlineError });
  t.regex(error.message, /the boot of node1 did not happen within \d+ s/);
  t.deepEqual(error.excerpt.slice(-2), ['[    1.000000] random: crng init done', 'waiting for entropy...']);
  t.is(error.log, join(spec.folder, 'console.log'));
});

test('a QEMU that refuses its arguments ends the boot with what it says', async (t) => {
  const { qemu, context, spec, pass } = await stand(t);
  const booting = bootQemu(context, spec, DEADLINE);
  await pass(0);
  qemu.ends({ code: 1 }, 'qemu-system-x86_64: could not configure /dev/net/tun: Operation not permitted');
  await pass(REPORT_MS);
  const error = await t.throwsAsync(booting, { instanceOf: BootError });
  t.regex(error.message, /QEMU ended with status 1: qemu-system-x86_64: could not configure \/dev\/net\/tun/);
});

test('an abort during the boot leaves no QEMU behind', async (t) => {
  const interrupt = new AbortController();
  const { qemu, context, spec, pass } = await stand(t, {}, interrupt.signal);
  const booting = bootQemu(context, spec, DEADLINE);
  await pass(0);
  interrupt.abort(new Error('Ctrl-C'));
  await pass(REPORT_MS);
  await t.throwsAsync(booting, { message: 'Ctrl-C' });
  t.is((await qemu.exited).signal, 'SIGTERM');
});

test('whatever waits ends when the guest dies, and is told what of', async (t) => {
  const { node, qemu, pass } = await booted(t);
  let aborted = false;
  const waiting = node.whileAlive(async (signal) => {
    signal.addEventListener('abort', () => {
      aborted = true;
    });
    return await forEver();
  });
  qemu.prints('[   88.000000] INFO: task nbd0:71 blocked for more than 120 seconds.');
  await pass(REPORT_MS);
  const error = await t.throwsAsync(waiting, { instanceOf: GuestDiedError });
  t.is(error.exitCode, 8);
  t.regex(error.message, /^node1 died: hung task \(INFO: task nbd0:71 blocked/);
  t.true(aborted);
  t.like(await node.died, { kind: 'hung-task' });
  await t.throwsAsync(node.whileAlive(forEver), { instanceOf: GuestDiedError });
});

test("the kernel's own report outweighs the reset that follows it", async (t) => {
  const { node, qemu, pass } = await booted(t);
  qemu.announces('SHUTDOWN', { guest: true, reason: 'guest-reset' });
  qemu.prints('[    9.000000] Kernel panic - not syncing: sysrq triggered crash');
  await pass(REPORT_MS);
  t.deepEqual(await node.died, { kind: 'panic', line: 'Kernel panic - not syncing: sysrq triggered crash' });
});

test('a guest that powers off by itself is dead', async (t) => {
  const { node, qemu, pass } = await booted(t);
  qemu.announces('SHUTDOWN', { guest: true, reason: 'guest-shutdown' });
  await pass(REPORT_MS);
  t.deepEqual(await node.died, { kind: 'qemu-exit', line: 'the guest powered off' });
});

test('a QEMU that is killed ends what waits', async (t) => {
  const { node, qemu, pass } = await booted(t);
  const waiting = node.whileAlive(forEver);
  qemu.ends({ signal: 'SIGKILL' });
  await pass(REPORT_MS);
  await t.throwsAsync(waiting, {
    instanceOf: GuestDiedError,
    message: 'node1 died: QEMU was ended by SIGKILL',
  });
});

test('work that fails because its guest died is told of the death', async (t) => {
  const { node, qemu, pass } = await booted(t);
  const waiting = node.whileAlive(async () => {
    qemu.ends({ signal: 'SIGKILL' });
    return await Promise.reject(new Error('connection reset'));
  });
  await pass(REPORT_MS);
  await t.throwsAsync(waiting, { instanceOf: GuestDiedError });
});

test('work that fails by itself fails by itself', async (t) => {
  const { node } = await booted(t);
  await t.throwsAsync(
    node.whileAlive(() => Promise.reject(new Error('exit status 1'))),
    { message: 'exit status 1' },
  );
});

test("the OOM killer's victims are kept, and the guest lives on", async (t) => {
  const { node, qemu, clock } = await booted(t);
  qemu.prints(
    '[   31.000000] Out of memory: Killed process 71 (linear) total-vm:1kB, anon-rss:1kB, file-rss:0kB',
  );
  await clock.settle();
  t.deepEqual(node.oomKills, [{ process: 'linear', pid: 71 }]);
  t.is(await node.whileAlive(() => Promise.resolve('alive')), 'alive');
});

test('the memory of a guest that died is kept when that was asked for', async (t) => {
  const { node, qemu, pass, events } = await booted(t, { dumpOnDeath: true });
  qemu.prints('[    5.440012] kernel BUG at mm/rmap.c:1021!');
  await pass(REPORT_MS);
  await node[Symbol.asyncDispose]();
  t.true(qemu.commands.includes('dump-guest-memory'));
  t.true(events.some((event) => event.type === 'notice' && event.text.includes('node1.core')));
});

test('the console is logged with the time of the host', async (t) => {
  const { node, spec } = await booted(t);
  await node[Symbol.asyncDispose]();
  const log = await readFile(join(spec.folder, 'console.log'), 'utf8');
  t.regex(log, /^2026-01-01T00:00:00\.\d{3}Z \[ {4}0\.512000\] testbed: ready node1$/m);
});

test('somebody at the console sees what comes, can type, and leaves without a trace', async (t) => {
  const { node, qemu, clock } = await booted(t);
  const console_ = node.console();
  let seen = '';
  console_.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
  });
  console_.write('uname -r\n');
  qemu.prints('6.1.0');
  await clock.settle();
  t.is(String(qemu.stdin.read()), 'uname -r\n');
  t.is(seen, '6.1.0\r\n');
  console_.destroy();
  qemu.prints('after');
  await clock.settle();
  t.is(node.consoleTail(1)[0], 'after');
});
