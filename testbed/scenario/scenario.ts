// SPDX-License-Identifier: MIT
import type { LineId, Variant } from '../kernel/product.js';
import type { LinkSpec } from '../network/network.js';
import type { WorkloadName } from '../workload/workload.js';

/** What runs a workload that does not fit; see system.ts for what each one is made of. */
export type SystemId = 'local' | 'disk-swap' | 'nbd-swap';

export type Role = 'compute' | 'memory';

/** Bytes, or as many as are needed. */
export type SizeOrAuto = number | 'auto';

/** A file of scenarios/, checked, with everything filled in that may be left out and quantities as numbers. */
export interface Scenario {
  readonly name: string;
  readonly description: string;
  /** In order of preference. */
  readonly kernels: readonly LineId[];
  readonly variant: Variant;
  /** Role of each node, node1 first. */
  readonly roles: readonly Role[];
  /** Virtual processors of each node. */
  readonly cpus: number;
  /** Bytes. */
  readonly memory: {
    readonly computeNode: number;
    readonly memoryNode: SizeOrAuto;
    readonly local: SizeOrAuto;
  };
  readonly link: LinkSpec;
  readonly root: 'initramfs' | 'disk';
  readonly kernelArguments: readonly string[];
  /** Empty, with workloads and footprints, for a scenario that describes machines only. */
  readonly systems: readonly SystemId[];
  readonly workloads: readonly WorkloadName[];
  /** Bytes. */
  readonly footprints: readonly number[];
  readonly seeds: readonly number[];
  readonly repeats: number;
  readonly deadlineMs: number;
  readonly nbd: { readonly pageCluster: number; readonly size: SizeOrAuto };
  readonly disk: DiskSpeed | undefined;
  readonly source: ScenarioSource;
}

export interface DiskSpeed {
  readonly bytesPerSecond: number;
  readonly operationsPerSecond: number;
  readonly pageCluster: number;
  readonly size: SizeOrAuto;
}

/** The file that a scenario was read from. */
export interface ScenarioSource {
  /** As a user would name it: relative to the project where it lies there. */
  readonly file: string;
  /** Verbatim. */
  readonly text: string;
  /** Hex, of the text. */
  readonly sha256: string;
}
