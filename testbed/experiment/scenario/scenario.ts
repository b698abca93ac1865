// SPDX-License-Identifier: MIT
import type { LineId, Variant } from '../../products/kernel/line/kernel-product.js';
import type { LinkSpec } from '../../machines/network/network.js';
import type { VirtualTime } from '../../machines/cluster/virtual-time.js';
import type { WorkloadName } from '../workload/workload.js';
import type { SetUp } from './set-up.js';

/** What runs a workload that does not fit, as scenarios name it; see system.ts for what each one is made of. */
export type NamedSystem =
  'local' | 'disk-swap' | 'nbd-swap' | 'nbd-swap-readahead' | 'elasticos' | 'elasticos-nojump' | 'migrate';

/** Likewise, with what `elastic.policies` makes of `elasticos`: it jumps after so many pulls. */
export type SystemId = NamedSystem | `elasticos-threshold-${number}`;

export type Role = 'compute' | 'memory';

/** Bytes, or as many as are needed. */
export type SizeOrAuto = number | 'auto';

/** What a workload works on. */
export interface Footprint {
  readonly bytes: number;
  /** Nodes of a system that stretches, home included. */
  readonly nodes: number;
}

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
    /** That a program may have on node1, in every system but local; undefined for whatever RAM there is. */
    readonly budget: number | undefined;
  };
  readonly link: LinkSpec;
  /** Absent in wall time. */
  readonly virtualTime?: VirtualTime;
  readonly root: 'initramfs' | 'disk';
  readonly kernelArguments: readonly string[];
  /** Of `up`. A cell has the set-up of its system. */
  readonly with: SetUp;
  /** Empty, with workloads and footprints, for a scenario that describes machines only. With `elasticos` under each policy. */
  readonly systems: readonly SystemId[];
  readonly workloads: readonly WorkloadName[];
  readonly footprints: readonly Footprint[];
  readonly seeds: readonly number[];
  readonly repeats: number;
  readonly deadlineMs: number;
  /** Whether each workload is followed by trials; see experiment/run/trials.ts. */
  readonly trials: boolean;
  readonly nbd: NbdUse;
  readonly elastic: ElasticUse;
  readonly disk: DiskSpeed | undefined;
  readonly source: ScenarioSource;
}

export interface NbdUse {
  readonly pageCluster: number;
  /** vm.page-cluster of nbd-swap-readahead. */
  readonly readAheadPageCluster: number;
  readonly size: SizeOrAuto;
}

/** Of the systems that stretch. */
export interface ElasticUse {
  /** Bytes that each other node lends; `auto` is 1.25 budgets. */
  readonly lend: SizeOrAuto;
  /** Pulls before a jump, at first. */
  readonly threshold: number;
  /** Pages that one pull may bring. */
  readonly window: number;
  /** Seconds of silence after which a node is lost. */
  readonly leaseSeconds: number;
  /** Whether the kernels encrypt and authenticate what they say to each other. */
  readonly wire: 'plain' | 'sealed';
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
