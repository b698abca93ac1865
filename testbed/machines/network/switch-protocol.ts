// SPDX-License-Identifier: MIT
import type { TrafficCounters } from './network.js';
import type { Shaping } from './shaping.js';

/** The only argument of the switch process, in JSON. */
export interface SwitchConfig {
  readonly shaping: Shaping;
  /** Unix socket of each port; the first is node1's. */
  readonly sockets: readonly string[];
}

/** A line on the switch's standard input. */
export type SwitchRequest =
  | { readonly id: number; readonly verb: 'counters'; readonly node: number }
  | { readonly id: number; readonly verb: 'connect'; readonly node: number; readonly connected: boolean };

/** A line on its standard output: first that it listens, then one answer for each request. */
export type SwitchReply =
  { readonly listening: true } | { readonly id: number; readonly counters: TrafficCounters };
