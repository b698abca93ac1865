// SPDX-License-Identifier: MIT
import type { ArgumentVector } from '../../base/process/process-runner.js';
import type { DiskSpec, QemuSpec } from './qemu-spec.js';
import { QEMU } from './qemu-version.js';

/** First descriptor above standard error: the network's come from here on, QMP's is the next. */
const FIRST_DESCRIPTOR = 3;

/** The descriptor on which QEMU speaks QMP. */
export function qmpDescriptor(spec: Pick<QemuSpec, 'attachment'>): number {
  return FIRST_DESCRIPTOR + spec.attachment.descriptors.length;
}

/**
 * QEMU's command line for a node. The serial console is on standard input and output; QMP is on an inherited socket,
 * so that there is no path to keep short and nothing to clear away.
 * @param initrd one file; undefined for none
 */
export function qemuCommand(spec: QemuSpec, initrd: string | undefined): ArgumentVector {
  return [
    spec.qemu ?? QEMU,
    ...['-name', `${spec.name},debug-threads=on`],
    ...['-nodefaults', '-no-user-config', '-display', 'none'],
    // A guest that resets or powers off is paused: its memory can still be read, and it is we who end it.
    ...['-no-reboot', '-no-shutdown'],
    // The oldest chipset has the quickest firmware, and 2.6.38 wants PCI.
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
    // After a second it reboots, which -no-reboot turns into QEMU's end: 2.6.38 does not know -1 and would spin for ever.
    // That is what one whose memory is wanted shall do.
    `panic=${spec.dumpOnDeath === true ? 0 : 1}`,
    'oops=panic',
    // `crash` sends an NMI that nobody expects.
    'unknown_nmi_panic',
    // 6.1 would take a tmpfs, which is swapped out: a program that is to swap would find that much more memory.
    'rootfstype=ramfs',
    // By its time a kernel message is found behind what user space was just writing.
    'printk.time=1',
    ...(spec.accelerator === 'tcg' ? EMULATION_PATIENCE : []),
    ...spec.kernelArguments,
  ].join(' ');
}

/**
 * An emulated processor that its host does not run for seconds is not locked up. 6.1 takes these (soft lockup after
 * twice the threshold); 2.6.38, whose own limits are longer, ignores them.
 */
const EMULATION_PATIENCE = [
  // 2.6.38 counts timer interrupts for a few milliseconds and panics when a busy host has run the guest in none of them.
  'no_timer_check',
  // Neither is a clock that is late in being looked at a broken TSC.
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
  // The disk goes with the testbed: nothing has to reach the host's platter.
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

/** In QEMU's options a comma ends a value; two stand for one. */
function optionValue(text: string): string {
  return text.replaceAll(',', ',,');
}
