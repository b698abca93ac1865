// SPDX-License-Identifier: MIT

/** The link of each node, as a scenario asks for it. */
export interface LinkSpec {
  /** Bits per second each way. */
  readonly bandwidth: number;
  /** One-way delay in microseconds; 0 for none. */
  readonly delayUs: number;
}

/** What a node's link does, measured after boot between two guests. */
export interface LinkMeasurement {
  /** Bits per second of TCP payload, one stream. */
  readonly throughput: number;
  /** Median and minimum round trip of a small ICMP echo, in microseconds. */
  readonly roundTripUs: { readonly median: number; readonly minimum: number };
  readonly asked: LinkSpec;
  /** One sentence for each figure that is off by more than 10 %. */
  readonly warnings: readonly string[];
}

/** A node's place on the network: index 1 is `node1`, 10.77.0.1. */
export interface Attachment {
  readonly index: number;
  readonly mac: string;
  readonly address: string;
  /** Arguments for QEMU: the NIC and its back end. */
  readonly qemuArguments: readonly string[];
  /** Open descriptors that QEMU has to inherit, from descriptor 3 on. */
  readonly descriptors: readonly number[];
  /** Where the testbed reaches the node's ssh server. */
  readonly ssh: { readonly host: string; readonly port: number };
}

/** Bytes and frames that a node has sent and received, as the host side counts them. */
export interface TrafficCounters {
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly sentFrames: number;
  readonly receivedFrames: number;
}

export interface Network extends AsyncDisposable {
  /** `bridge`: taps on a bridge in a namespace; `switch`: a user-space switch over `-netdev stream`. */
  readonly kind: 'bridge' | 'switch';
  readonly prefixLength: 24;
  attach(index: number): Promise<Attachment>;
  counters(index: number): Promise<TrafficCounters>;
  /** Cuts the node off without a trace at either end (a partition), or joins it again. */
  setConnected(index: number, connected: boolean): Promise<void>;
  /** What this host lacks and what it costs (`no sch_netem: delay is not emulated`). */
  readonly shortfalls: readonly string[];
}
