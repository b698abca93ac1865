// SPDX-License-Identifier: MIT
import type { ArgumentVector } from '../../base/process/process-runner.js';
import type { DiskSpec, QemuSpec } from './qemu-spec.js';
import { QEMU } from './qemu-version.js';

/** The first descriptor after standard error. The network's descriptors begin here, QMP's comes after them. */
const FIRST_DESCRIPTOR = 3;

/** The descriptor on which QEMU speaks QMP. */
export function qmpDescriptor(spec: Pick<QemuSpec, 'attachment'>): number {
  return FIRST_DESCRIPTOR + spec.attachment.descriptors.length;
}

/**
 * QEMU's command line for a node. The serial console is on standard input and output. QMP is on an inherited socket,
 * which needs no path and no removal.
 * @param initrd one file; undefined for none
 */
export function qemuCommand(spec: QemuSpec, initrd: string | undefined): ArgumentVector {
  return [
    spec.qemu ?? QEMU,
    ...['-name', `${spec.name},debug-threads=on`],
    ...['-nodefaults', '-no-user-config', '-display', 'none'],
    // A guest that resets or powers off is paused, so that its memory can still be read. The testbed ends it.
    ...['-no-reboot', '-no-shutdown'],
    // The oldest chipset has the fastest firmware, and 2.6.38 needs PCI.
    ...['-machine', 'pc,usb=off', '-accel', spec.accelerator, '-cpu', 'max'],
    ...['-smp', String(spec.cpus), '-m', `size=${spec.memoryBytes}B`],
    ...['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
    ...['-chardev', `socket,id=qmp,fd=${qmpDescriptor(spec)}`, '-mon', 'chardev=qmp,mode=control'],
    ...['-object', 'rng-random,id=entropy,filename=/dev/urandom', '-device', 'virtio-rng-pci,rng=entropy'],
    ...spec.attachment.qemuArguments,
    ...spec.disks.flatMap(diskArguments),
    ...(spec.gdbSocket === undefined ? [] : gdbArguments(spec.gdbSocket)),
    ...['-kernel', spec.kernel.bzImage],
    ...(initrd === undefined ? [] : ['-initrd', initrd]),
    ...['-append', kernelCommandLine(spec)],
  ];
}

/** The kernel's arguments that every node gets, then the node's own. */
export function kernelCommandLine(
  spec: Pick<QemuSpec, 'accelerator' | 'kernelArguments' | 'dumpOnDeath'>,
): string {
  return [
    'console=ttyS0,115200',
    // After a panic the kernel reboots in one second, and -no-reboot makes that QEMU's end. (2.6.38 does not know -1.) When
    // the memory of a dead guest is wanted, the kernel shall spin for ever.
    `panic=${spec.dumpOnDeath === true ? 0 : 1}`,
    'oops=panic',
    // `crash` sends an unexpected NMI.
    'unknown_nmi_panic',
    // 6.1 would use a tmpfs, which can be swapped out. A program under memory pressure would then have that much more memory.
    'rootfstype=ramfs',
    // The time marks where a kernel message begins when user space was writing on the same line.
    'printk.time=1',
    ...(spec.accelerator === 'tcg' ? EMULATION_PATIENCE : []),
    ...spec.kernelArguments,
  ].join(' ');
}

/**
 * A guest is not locked up only because the host does not run its emulated processor for seconds. 6.1 takes these
 * arguments (soft lockup after twice the threshold). 2.6.38 has longer limits and ignores them.
 */
const EMULATION_PATIENCE = [
  // 2.6.38 counts timer interrupts for a few milliseconds, and panics when a busy host did not run the guest in that time.
  'no_timer_check',
  // A clock that is read late does not mean that the TSC is broken.
  'tsc=reliable',
  'watchdog_thresh=30',
  'workqueue.watchdog_thresh=120',
  'rcupdate.rcu_cpu_stall_timeout=60',
  'sysctl.kernel.hung_task_timeout_secs=240',
];

function diskArguments(disk: DiskSpec, index: number): readonly string[] {
  const id = `disk${index}`;
  const throttle =
    disk.throttle === undefined
      ? []
      : [
          `throttling.bps-total=${disk.throttle.bytesPerSecond}`,
          `throttling.iops-total=${disk.throttle.operationsPerSecond}`,
        ];
  // The disk does not outlive the testbed, so its data need not reach the host's disk.
  const drive = [
    `if=none,id=${id}`,
    `file=${optionValue(disk.path)}`,
    `format=${disk.format}`,
    'cache=unsafe',
  ];
  return ['-drive', [...drive, ...throttle].join(','), '-device', `virtio-blk-pci,drive=${id}`];
}

function gdbArguments(socket: string): readonly string[] {
  return [
    ...['-chardev', `socket,id=gdb,path=${optionValue(socket)},server=on,wait=off`],
    ...['-gdb', 'chardev:gdb'],
  ];
}

/** In QEMU's options a comma ends a value. Two commas stand for one. */
function optionValue(text: string): string {
  return text.replaceAll(',', ',,');
}
