// SPDX-License-Identifier: MIT
import test from 'ava';
import type { KernelProduct } from '../../../testbed/products/kernel/line/kernel-product.js';
import { QemuMissingError } from '../../../testbed/machines/node/errors.js';
import type { QemuSpec } from '../../../testbed/machines/node/qemu-spec.js';
import {
  kernelCommandLine,
  qemuCommand,
  qmpDescriptor,
} from '../../../testbed/machines/node/qemu-command.js';
import { parseQemuVersion } from '../../../testbed/machines/node/qemu-version.js';

const KERNEL = { line: 'linux-6.1', variant: 'release', bzImage: '/store/bzImage' } as KernelProduct;

const SPEC: QemuSpec = {
  name: 'node1',
  index: 1,
  memoryBytes: 256 * 1024 * 1024,
  cpus: 2,
  kernel: KERNEL,
  initrd: ['image', 'identity'],
  disks: [],
  attachment: {
    index: 1,
    mac: '52:54:00:77:00:01',
    address: '10.77.0.1',
    qemuArguments: ['-netdev', 'tap,id=link', '-device', 'virtio-net-pci,netdev=link'],
    descriptors: [],
    ssh: { host: '10.77.0.1', port: 22 },
  },
  accelerator: 'tcg',
  folder: '/state/node1',
  kernelArguments: ['tsc=reliable'],
};

/** What stands behind an option; one array for each time that it is given. */
function values(spec: QemuSpec, option: string): readonly (string | undefined)[] {
  const argv = qemuCommand(spec, '/state/node1/initrd');
  return argv.flatMap((argument, i) => (argument === option ? [argv[i + 1]] : []));
}

test('a node has its memory, processors, kernel, initrd and NIC', (t) => {
  t.deepEqual(values(SPEC, '-m'), ['size=268435456B']);
  t.deepEqual(values(SPEC, '-smp'), ['2']);
  t.deepEqual(values(SPEC, '-accel'), ['tcg']);
  t.deepEqual(values(SPEC, '-kernel'), ['/store/bzImage']);
  t.deepEqual(values(SPEC, '-initrd'), ['/state/node1/initrd']);
  t.deepEqual(values(SPEC, '-netdev'), ['tap,id=link']);
  t.false(qemuCommand(SPEC, undefined).includes('-initrd'));
});

test('QEMU brings nothing of its own and outlives a reset, so that memory can still be read', (t) => {
  const argv = qemuCommand(SPEC, undefined);
  for (const option of ['-nodefaults', '-no-user-config', '-no-reboot', '-no-shutdown']) {
    t.true(argv.includes(option), option);
  }
});

test("QMP comes on the descriptor behind the network's", (t) => {
  t.is(qmpDescriptor(SPEC), 3);
  const spec = { ...SPEC, attachment: { ...SPEC.attachment, descriptors: [17, 18] } };
  t.is(qmpDescriptor(spec), 5);
  t.true(values(spec, '-chardev').includes('socket,id=qmp,fd=5'));
});

test('disks are numbered in order, and have the speed they shall have', (t) => {
  const spec: QemuSpec = {
    ...SPEC,
    disks: [
      { path: '/state/root.qcow2', format: 'qcow2' },
      {
        path: '/state/a,b.raw',
        format: 'raw',
        throttle: { bytesPerSecond: 100_000_000, operationsPerSecond: 200 },
      },
    ],
  };
  t.deepEqual(values(spec, '-drive'), [
    'if=none,id=disk0,file=/state/root.qcow2,format=qcow2,cache=unsafe',
    // A comma in a path is doubled, or the rest of it would be options.
    'if=none,id=disk1,file=/state/a,,b.raw,format=raw,cache=unsafe,throttling.bps-total=100000000,throttling.iops-total=200',
  ]);
  t.true(values(spec, '-device').includes('virtio-blk-pci,drive=disk1'));
});

test('a gdb socket is there when it is asked for, and the guest does not wait for gdb', (t) => {
  t.deepEqual(values(SPEC, '-gdb'), []);
  const spec = { ...SPEC, gdbSocket: '/run/gdb1' };
  t.deepEqual(values(spec, '-gdb'), ['chardev:gdb']);
  t.true(values(spec, '-chardev').includes('socket,id=gdb,path=/run/gdb1,server=on,wait=off'));
});

test("the kernel's command line ends with the node's own arguments", (t) => {
  const line = kernelCommandLine(SPEC);
  t.regex(line, /^console=ttyS0/);
  t.regex(line, / oops=panic /);
  t.regex(line, / tsc=reliable$/);
});

test('only an emulated processor gets more patience from its watchdogs', (t) => {
  t.regex(kernelCommandLine(SPEC), / watchdog_thresh=30 /);
  t.notRegex(kernelCommandLine({ ...SPEC, accelerator: 'kvm' }), /watchdog_thresh|hung_task/);
});

test("QEMU's version is read from what it prints", (t) => {
  const debian =
    'QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)\nCopyright (c) 2003-2022 Fabrice Bellard\n';
  t.deepEqual(parseQemuVersion(debian), {
    major: 7,
    minor: 2,
    text: 'QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)',
  });
  t.like(parseQemuVersion('QEMU emulator version 10.0.2'), { major: 10, minor: 0 });
  t.throws(() => parseQemuVersion('bash: no'), { instanceOf: QemuMissingError });
});
