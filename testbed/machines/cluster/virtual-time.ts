// SPDX-License-Identifier: MIT

/** How guests share a clock that their instructions make; plain data, part of a cluster's shape. Times in nanoseconds. */
export interface VirtualTime {
  /** An instruction takes 2^shift nanoseconds. */
  readonly shift: number;
  /** How far a guest may run ahead of the others: at most the link's delay. */
  readonly quantumNs: number;
  /** Of all that is left to chance. */
  readonly seed: number;
  /** What may wait in front of each direction of a link. */
  readonly queueBytes: number;
  /** How much of each frame a capture keeps; 0 for no capture. */
  readonly captureBytes: number;
  readonly faults: Faults;
}

/** What goes wrong between nodes. Instants are counted from the guests' start. */
export interface Faults {
  /** Probabilities for each frame. */
  readonly loss: number;
  readonly duplicate: number;
  readonly reorder: { readonly part: number; readonly byNs: number };
  readonly jitterNs: number;
  readonly cuts: readonly { readonly node: string; readonly fromNs: number; readonly toNs: number }[];
  readonly crashes: readonly { readonly node: string; readonly atNs: number }[];
}

/** The coordinator's limit, less the operator. */
export const MAX_NODES = 4;
