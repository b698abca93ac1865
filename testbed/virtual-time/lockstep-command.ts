// SPDX-License-Identifier: MIT
import type { Attachment } from '../machines/network/network.js';
import { kernelCommandLine } from '../machines/node/qemu-command.js';
import type { QemuSpec } from '../machines/node/qemu-spec.js';
import { QEMU } from '../machines/node/qemu-version.js';
import type { ArgumentVector } from '../base/process/process-runner.js';

/** Descriptors that QEMU inherits. The plugin takes over what QEMU writes to them. */
const NIC = 3;
export const CONSOLE = 4;
const REPORT = 5;

/** QEMU's descriptors, from 0. We read standard error; nobody reads the sockets, since the plugin takes them over. */
export const STDIO = ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', 'pipe'] as const;

/** What the guests' real-time clocks show at instant 0. */
const START = '2026-01-01T00:00:00';

/**
 * The NIC. A timer of the virtual clock sends frames, a microsecond after the guest has asked for it. A bottom half or an
 * eventfd would be noticed in the host's time instead.
 */
export function nicArguments(mac: string): Attachment['qemuArguments'] {
  const device = ['virtio-net-pci', 'netdev=link', `mac=${mac}`, 'romfile='];
  return [
    // `-netdev stream` connects in the background. Whether frames before that are lost would depend on the host.
    ...['-netdev', `socket,id=link,fd=${NIC}`],
    ...['-device', [...device, 'ioeventfd=off', 'tx=timer', 'x-txtimer=1000'].join(',')],
  ];
}

const KERNEL_ARGUMENTS = [
  'norandmaps',
  'nokaslr',
  // The kernel uses the timer of the HPET instead. To calibrate the one of the APIC it spins on PAUSE for 100 ms, and TCG
  // leaves its inner loop for each PAUSE. That took two thirds of the host's time for a boot.
  'nolapic_timer',
];

export interface ClockMembership {
  readonly plugin: string;
  /** The coordinator's. */
  readonly socket: string;
  readonly port: number;
  readonly shift: number;
  readonly seed: number;
}

/** QEMU's command line for a guest whose instructions make time. No device in it answers in the host's time. */
export function lockstepCommand(spec: QemuSpec, initrd: string, clock: ClockMembership): ArgumentVector {
  const { plugin, socket, port, shift, seed } = clock;
  return [
    spec.qemu ?? QEMU,
    ...['-name', `${spec.name},debug-threads=on`],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-machine', 'pc,usb=off', '-accel', 'tcg', '-cpu', 'max'],
    ...['-smp', '1', '-m', `size=${spec.memoryBytes}B`],
    // An idle guest skips to its next timer. Its real-time clock runs in virtual time.
    ...['-icount', `shift=${shift},sleep=off`, '-rtc', `base=${START},clock=vm`],
    // The seed of QEMU's random numbers. The guest gets them by RDRAND and in its boot parameters.
    ...['-seed', String((seed * 16 + port) % 2 ** 32)],
    ...['-chardev', `socket,id=console,fd=${CONSOLE}`, '-serial', 'chardev:console'],
    ...['-chardev', `socket,id=report,fd=${REPORT}`, '-serial', 'chardev:report'],
    ...spec.attachment.qemuArguments,
    ...[
      '-plugin',
      [
        plugin,
        `coordinator=${socket}`,
        `port=${port}`,
        `shift=${shift}`,
        `nic=${NIC}`,
        `console=${CONSOLE}`,
        `report=${REPORT}`,
      ].join(','),
    ],
    ...(spec.gdbSocket === undefined
      ? []
      : ['-chardev', `socket,id=gdb,path=${spec.gdbSocket},server=on,wait=off`, '-gdb', 'chardev:gdb']),
    ...['-kernel', spec.kernel.bzImage, '-initrd', initrd],
    ...['-append', [kernelCommandLine(spec), ...KERNEL_ARGUMENTS].join(' ')],
  ];
}
