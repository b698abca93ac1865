// SPDX-License-Identifier: MIT
import type { LinkSpec } from '../network/network.js';
import type { VirtualTime } from './virtual-time.js';

/** RAM that every guest needs for its kernel and its root file system, at the least: no kernel line boots with less. */
export const LEAST_MEMORY = 32 * 2 ** 20;

/** One guest of a cluster, before it has a kernel. */
export interface NodeShape {
  /** The node's purpose. Flows select their nodes by it. */
  readonly role: 'compute' | 'memory';
  readonly memoryBytes: number;
  readonly cpus: number;
  /** A scratch disk, for swap; absent for none. */
  readonly disk?: {
    readonly bytes: number;
    readonly throttle?: { readonly bytesPerSecond: number; readonly operationsPerSecond: number };
  };
}

/** The machines that a testbed or a cell needs. Plain data, so that it can be hashed, stored and sent. */
export interface ClusterShape {
  /** In order: the first is node1. */
  readonly nodes: readonly NodeShape[];
  readonly link: LinkSpec;
  /** Added to every kernel's command line. */
  readonly kernelArguments: readonly string[];
  /** Whether each node gets a gdb socket. */
  readonly gdb: boolean;
  /** Whether the memory of a guest is kept in its node's folder when its kernel reports a fault. */
  readonly dumpOnDeath: boolean;
  /** Root file system: in RAM, or on a disk with a per-node overlay. */
  readonly root: 'initramfs' | 'disk';
  /** How instructions make time. Absent in wall time. */
  readonly virtualTime?: VirtualTime;
}
