// SPDX-License-Identifier: MIT
import type { Duplex } from 'node:stream';
import type { Attachment } from '../network/network.js';
import type { KernelProduct } from '../../products/kernel/line/kernel-product.js';

export interface DiskSpec {
  /** Path of a raw or qcow2 file, private to this node. */
  readonly path: string;
  readonly format: 'raw' | 'qcow2';
  /** Emulated speed; absent means as fast as the host. */
  readonly throttle?: { readonly bytesPerSecond: number; readonly operationsPerSecond: number };
}

/** What is needed to boot one guest. */
export interface NodeSpec {
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
  /** Writes the guest's memory to `<folder>/<name>.core` (ELF, for gdb and crash) when its kernel reports trouble. */
  readonly dumpOnDeath?: boolean;
}

/** Why a node can no longer be used. */
export interface Death {
  readonly kind:
    | 'panic'
    | 'oops'
    | 'bug'
    | 'lockdep'
    | 'hung-task'
    | 'soft-lockup'
    | 'rcu-stall'
    | 'kasan'
    | 'kmemleak'
    /** The guest's own init could not set it up, and has said why. */
    | 'init-failure'
    /** QEMU ended, or the guest powered off or reset itself. */
    | 'qemu-exit'
    /** The testbed itself has ended it. */
    | 'stopped';
  /** The first line of the kernel's report, without its time; or a sentence about QEMU's end. */
  readonly line: string;
}

/** A guest that has booted: its init has said so on the console. What is not booted cannot be asked for anything. */
export interface BootedNode extends AsyncDisposable {
  readonly spec: NodeSpec;
  readonly pid: number;
  /** QEMU's full command line, for provenance. */
  readonly commandLine: readonly string[];
  readonly consoleLog: string;
  /** The last lines of the console, oldest first. */
  consoleTail(lines: number): readonly string[];
  /**
   * Runs `work` and ends with it, or with a GuestDiedError within a second of the guest's panic, oops, lockdep or
   * hung-task report, or of QEMU's end, with which the signal is aborted as well.
   */
  whileAlive<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Resolves when the guest dies; never rejects. */
  readonly died: Promise<Death>;
  /** OOM-killer reports so far: the victim's name and pid. */
  readonly oomKills: readonly { readonly process: string; readonly pid: number }[];
  /** @throws QmpError when QEMU refuses; QmpClosedError when it has ended */
  qmp(command: string, argument?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** The serial console from now on: what the guest writes, and what is typed. Destroy it to leave. */
  console(): Duplex;
  /** Stops the guest's processors; its clock stands still too. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /**
   * Makes the kernel panic, by an NMI that it does not expect, and resolves with its death.
   * @throws DeadlineError when the kernel is past reacting
   */
  crash(): Promise<Death>;
  /** Writes the guest's memory as an ELF core; the guest stands still meanwhile. */
  dumpMemory(path: string): Promise<void>;
}
