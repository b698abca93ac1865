// SPDX-License-Identifier: MIT
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Context } from '../../../testbed/base/host/context.js';
import { systemPaths } from '../../../testbed/base/host/paths.js';
import type { KernelProduct } from '../../../testbed/products/kernel/line/kernel-product.js';
import { chooseAccelerator, type AcceleratorChoice } from '../../../testbed/machines/node/accelerator.js';
import { QemuTooOldError } from '../../../testbed/machines/node/errors.js';
import { ManualClock } from '../../base/clock/manual-clock.js';
import { fakeProcesses } from '../../base/process/fake-processes.js';
import { FakeQemu } from './fake-qemu.js';

const KERNEL = { key: 'a kernel', bzImage: '/store/bzImage' } as KernelProduct;
const ROOTLESS =
  '[    0.810000] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)';

/** A host with a KVM device under which `play` is what a guest does. */
async function host(t: ExecutionContext, play: (qemu: FakeQemu) => void, version = '7.2.22') {
  const folder = await mkdtemp(join(tmpdir(), 'accelerator-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const device = join(folder, 'kvm');
  await writeFile(device, '');
  const clock = new ManualClock();
  const started: FakeQemu[] = [];
  const context: Context = {
    paths: { ...systemPaths(), state: folder },
    processes: {
      ...fakeProcesses(() => ({ stdout: `QEMU emulator version ${version}\n` })),
      start: async (argv, options) => {
        const qemu = new FakeQemu();
        started.push(qemu);
        const running = await qemu.processes.start(argv, options);
        play(qemu);
        return running;
      },
    },
    clock,
    events: () => undefined,
    signal: new AbortController().signal,
    offline: true,
  };
  const choose = async (kernel = KERNEL, kvm = device): Promise<AcceleratorChoice> => {
    const choice = chooseAccelerator(context, kernel, undefined, kvm);
    let over = false;
    const settled = choice.finally(() => {
      over = true;
    });
    settled.catch(() => undefined);
    const isOver = (): boolean => over;
    while (!isOver()) {
      await clock.settle();
      clock.advance(100);
    }
    return await choice;
  };
  return { choose, started };
}

test('KVM is taken when a kernel has booted under it, and it is asked once a kernel', async (t) => {
  const { choose, started } = await host(t, (qemu) => {
    qemu.prints('[    0.000000] Linux version 6.1', ROOTLESS);
  });
  t.is((await choose()).accelerator, 'kvm');
  t.is((await choose()).accelerator, 'kvm');
  t.is(started.length, 1);
  t.true(started[0]?.argv.includes('kvm'));
  await choose({ ...KERNEL, key: 'another kernel' });
  t.is(started.length, 2);
});

test('a KVM that cannot run QEMU is not taken, and the reason is kept', async (t) => {
  const { choose } = await host(t, (qemu) => {
    qemu.ends({ signal: 'SIGABRT' }, 'qemu: error: failed to set MSR 0x10a to 0x69');
  });
  const { accelerator, reason } = await choose();
  t.is(accelerator, 'tcg');
  t.regex(reason, /QEMU was ended by SIGABRT: qemu: error: failed to set MSR/);
  t.is((await choose()).reason, reason);
});

test('a KVM under which a kernel hangs is not taken', async (t) => {
  const { choose } = await host(t, (qemu) => {
    qemu.prints('early console in setup code');
  });
  const { accelerator, reason } = await choose();
  t.is(accelerator, 'tcg');
  t.regex(reason, /a boot did not happen within \d+ s/);
});

test('a KVM under which a kernel breaks is not taken', async (t) => {
  const { choose } = await host(t, (qemu) => {
    qemu.prints('[    0.100000] BUG: unable to handle kernel paging request at 0badc0de');
  });
  t.is((await choose()).accelerator, 'tcg');
});

test('where there is no device nothing is tried', async (t) => {
  const { choose, started } = await host(t, () => undefined);
  t.deepEqual(await choose(KERNEL, '/nonexistent/kvm'), {
    accelerator: 'tcg',
    reason: 'there is no /nonexistent/kvm',
  });
  t.is(started.length, 0);
});

test('a QEMU without -netdev stream is too old', async (t) => {
  const { choose } = await host(t, () => undefined, '7.1.0');
  const error = await t.throwsAsync(choose(), { instanceOf: QemuTooOldError });
  t.regex(error.message, /QEMU 7\.1 is too old: 7\.2 or later is needed/);
});
