// SPDX-License-Identifier: MIT
import type { Attachment } from '../network/network.js';
import type { KernelProduct } from '../../products/kernel/line/kernel-product.js';

export interface DiskSpec {
  /** Path of a raw or qcow2 file, private to this guest. */
  readonly path: string;
  readonly format: 'raw' | 'qcow2';
  /** Emulated speed. Absent for the speed of the host. */
  readonly throttle?: { readonly bytesPerSecond: number; readonly operationsPerSecond: number };
}

/** Everything that determines how a QEMU is started. */
export interface QemuSpec {
  /** `node1`, `node2`, ... */
  readonly name: string;
  readonly index: number;
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly kernel: KernelProduct;
  /** Concatenated in order by QEMU's caller: image, modules, identity. */
  readonly initrd: readonly string[];
  readonly disks: readonly DiskSpec[];
  readonly attachment: Attachment;
  readonly accelerator: 'kvm' | 'tcg';
  /** The program; absent for the host's own. */
  readonly qemu?: string;
  /** Folder for the console log, the QMP socket and dumps; exists. */
  readonly folder: string;
  /** Added to the kernel's command line. */
  readonly kernelArguments: readonly string[];
  /** Unix socket for gdb's remote protocol; absent for none. */
  readonly gdbSocket?: string;
  /** Writes the guest's memory to `<folder>/<name>.core` (ELF, for gdb and crash) when its kernel reports a fault. */
  readonly dumpOnDeath?: boolean;
}
