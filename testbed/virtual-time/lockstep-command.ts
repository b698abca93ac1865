// SPDX-License-Identifier: MIT
import type { Attachment } from '../machines/network/network.js';
import { kernelCommandLine } from '../machines/node/qemu-command.js';
import type { QemuSpec } from '../machines/node/qemu-spec.js';
import { QEMU } from '../machines/node/qemu-version.js';
import type { ArgumentVector } from '../base/process/process-runner.js';

/** Descriptors that QEMU inherits; what it writes there the plugin takes. */
const NIC = 3;
export const CONSOLE = 4;
const REPORT = 5;

/** Its descriptors from 0 on: standard error tells of trouble, and each of ours is a socket that nobody reads. */
export const STDIO = ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', 'pipe'] as const;

/** When the guests' clocks begin, by their real-time clocks. */
const START = '2026-01-01T00:00:00';

/**
 * The NIC. Frames go out by a timer of the virtual clock, a microsecond after the guest has asked for it: both a bottom
 * half and an eventfd would be seen when the host gets round to it.
 */
export function nicArguments(mac: string): Attachment['qemuArguments'] {
  const device = ['virtio-net-pci', 'netdev=link', `mac=${mac}`, 'romfile='];
  return [
    // `-netdev stream` connects in the background: frames before that are lost, or not, as the host has it.
    ...['-netdev', `socket,id=link,fd=${NIC}`],
    ...['-device', [...device, 'ioeventfd=off', 'tx=timer', 'x-txtimer=1000'].join(',')],
  ];
}

const KERNEL_ARGUMENTS = [
  'norandmaps',
  'nokaslr',
  // The timer of the HPET instead: to measure its own, the kernel waits for 100 ms in a loop of PAUSEs, each of which TCG leaves its inner
  // loop for. That was two thirds of the host's time for a boot.
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

/** QEMU's command line for a guest whose instructions make time. There is nothing in it that answers in the host's time. */
export function lockstepCommand(spec: QemuSpec, initrd: string, clock: ClockMembership): ArgumentVector {
  const { plugin, socket, port, shift, seed } = clock;
  return [
    spec.qemu ?? QEMU,
    ...['-name', `${spec.name},debug-threads=on`],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-machine', 'pc,usb=off', '-accel', 'tcg', '-cpu', 'max'],
    ...['-smp', '1', '-m', `size=${spec.memoryBytes}B`],
    // An idle guest goes to its next timer at once; its real-time clock is part of its virtual time.
    ...['-icount', `shift=${shift},sleep=off`, '-rtc', `base=${START},clock=vm`],
    // QEMU's random numbers, which become the guest's by way of RDRAND and of its boot parameters.
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
