// SPDX-License-Identifier: MIT

/** How guests share a clock that their instructions drive. Plain data, part of a cluster's shape. Times in nanoseconds. */
export interface VirtualTime {
  /** An instruction takes 2^shift nanoseconds. */
  readonly shift: number;
  /** How far a guest may run ahead of the others. At most the link's delay. */
  readonly quantumNs: number;
  /** Seed of everything random. */
  readonly seed: number;
  /** Size of the queue before each direction of a link. */
  readonly queueBytes: number;
  /** Bytes of each frame that a capture keeps; 0 for no capture. */
  readonly captureBytes: number;
  readonly faults: Faults;
}

/** Faults of the links between nodes. Instants are counted from the guests' start. */
export interface Faults {
  /** Probabilities for each frame. */
  readonly loss: number;
  readonly duplicate: number;
  readonly reorder: { readonly part: number; readonly byNs: number };
  readonly jitterNs: number;
  readonly cuts: readonly Cut[];
  readonly crashes: readonly { readonly node: string; readonly atNs: number }[];
  /** Nodes that their host does not run; their clocks stand still. In order of time; those of a node do not overlap. */
  readonly pauses?: readonly Standstill[];
  /** Nodes on which no task runs, while the kernel does. As pauses. Both are absent in older results. */
  readonly freezes?: readonly Standstill[];
}

/** A node that does nothing for a while. */
export interface Standstill {
  readonly node: string;
  readonly fromNs: number;
  readonly toNs: number;
}

/** Frames of a node that vanish for a while. */
export interface Cut {
  readonly node: string;
  readonly fromNs: number;
  readonly toNs: number;
  /** Only those between `node` and this one; those of all when absent. */
  readonly other?: string;
  /** Only those that `node` sends, or only those that are sent to it; both when absent. */
  readonly way?: 'both' | 'sent' | 'received';
}

/** What the clock of a node shows at an instant. It stands still while the node is paused. */
export function ownTimeNs({ pauses = [] }: Pick<Faults, 'pauses'>, node: string, atNs: number): number {
  const behind = pauses
    .filter((pause) => pause.node === node && pause.fromNs < atNs)
    .reduce((sum, { fromNs, toNs }) => sum + Math.min(toNs, atNs) - fromNs, 0);
  return atNs - behind;
}

/** The coordinator's limit, minus one for the operator. */
export const MAX_NODES = 4;
