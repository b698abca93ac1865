// SPDX-License-Identifier: MIT
import type { ImageProduct } from '../../products/image/image-product.js';
import type { KernelProvenance } from '../../products/kernel/line/kernel-product.js';
import type { Plan } from '../scenario/plan.js';

/** `run.json`, as schema/run.schema.json describes it: what a run measures and with what. Written once, before its first cell. */
export interface RunRecord {
  readonly format: 1;
  readonly id: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** The scenario verbatim, and every cell that it means. */
  readonly plan: Plan;
  /** `key` is the hash over everything that the kernel is made from. */
  readonly kernel: KernelProvenance & { readonly key: string };
  readonly image: Pick<ImageProduct, 'name' | 'kind' | 'key' | 'sha256' | 'bytes' | 'packages'>;
  /** First line of `qemu-system-x86_64 --version`; the flags of each node stand in the cells. */
  readonly qemu: string;
  /** What --qemu said; absent for the host's own. */
  readonly qemuFrom?: string;
  readonly host: HostRecord;
  readonly testbed: TestbedRecord;
}

export interface HostRecord {
  /** As /proc/cpuinfo names it. */
  readonly processor: string;
  readonly processors: number;
  readonly memoryBytes: number;
  /** `uname -r`. */
  readonly kernel: string;
  /** PRETTY_NAME of /etc/os-release; empty where there is none. */
  readonly system: string;
}

export interface TestbedRecord {
  /** Of package.json. */
  readonly version: string;
  readonly node: string;
  /** Of the checkout; absent where it is none, or git is not there. */
  readonly git?: {
    readonly commit: string;
    /** Whether files differed from the commit. */
    readonly dirty: boolean;
  };
}
