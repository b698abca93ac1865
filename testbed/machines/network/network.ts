// SPDX-License-Identifier: MIT

/** The link of each node, as a scenario asks for it. */
export interface LinkSpec {
  /** Bits per second each way, of Ethernet frames. */
  readonly bandwidth: number;
  /** Delay from one node to another, one way, in microseconds, on top of what the emulation costs; 0 for none. */
  readonly delayUs: number;
}

/** Throughput and round trip of a node's link, measured after boot between two guests. */
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
  /** Address and prefix length of eth1, a second NIC for ssh only. Absent when ssh uses eth0. */
  readonly sshAddress?: string;
}

/**
 * Traffic on a node's link. It includes ssh from the testbed when that uses the same link. Bytes are those of whole
 * Ethernet frames as on the wire, after segmentation, without preamble, check sequence and gap.
 */
export interface TrafficCounters {
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

export interface Network extends AsyncDisposable {
  /** `bridge`: taps on a bridge in a namespace; `switch`: a user-space switch over `-netdev stream`. */
  readonly kind: 'bridge' | 'switch';
  readonly prefixLength: 24;
  attach(index: number): Promise<Attachment>;
  counters(index: number): Promise<TrafficCounters>;
  /**
   * Cuts the node off (a partition), or connects it again. Neither end sees its link go down. ssh from the testbed is cut
   * too when it uses the same link.
   */
  setConnected(index: number, connected: boolean): Promise<void>;
  /** What this host lacks, and the consequence (`no sch_netem: delay is not emulated`). */
  readonly shortfalls: readonly string[];
  /** Who delays frames. `none` when no delay was requested; with `guests`, emulateDelayInGuests has to be called. */
  readonly delay: 'none' | 'host' | 'guests';
}
