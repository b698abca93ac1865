// SPDX-License-Identifier: MIT
import type { NodeStatus, TestbedStatus } from '../../supervisor/protocol.js';
import type { PageMap } from './page-map.js';

/** A testbed at one moment. The shape of a line of `testbed watch --json`. */
export interface Snapshot {
  /** ISO 8601, by the host's clock. */
  readonly at: string;
  readonly testbed: string;
  readonly state: 'down' | TestbedStatus['state'];
  /** Whether guests are emulated: their times then compare with each other only. */
  readonly emulated: boolean;
  readonly nodes: readonly NodeView[];
  readonly processes: readonly ProcessView[];
  /** What is wrong now, a sentence each. */
  readonly alarms: readonly string[];
}

export interface NodeView extends Pick<
  NodeStatus,
  'name' | 'address' | 'state' | 'connected' | 'memoryBytes'
> {
  /** How many shells of other nodes' processes there are. */
  readonly shells: number;
  /** How old the last reading is, in milliseconds. Left out when there is none yet. */
  readonly readingAgeMs?: number;
  /** Processor time that the last reading has cost the node. */
  readonly costMicroseconds?: number;
  /** Why it cannot be read. */
  readonly unread?: string;
  /** The last lines of its console. */
  readonly console: readonly string[];
}

/** A process that a manager looks after, or that is stretched. */
export interface ProcessView {
  readonly pid: number;
  readonly name: string;
  /** `whole` and `threads`: not stretched; otherwise the state of its session at home. */
  readonly state: string;
  readonly policy: string;
  /** Where it executes; left out while that is on its way from one node to another. */
  readonly runsOn?: string;
  /** Home first. */
  readonly places: readonly PlaceView[];
  /** Since it was stretched, over all nodes that it is on now. */
  readonly total: Traffic;
  readonly perSecond: Traffic;
  readonly map?: PageMap;
}

export interface PlaceView {
  readonly node: string;
  readonly residentPages: number;
  /** Most pages that it may have here; 0 for no limit. */
  readonly budgetPages: number;
  /** Whether home and this node are connected. Home is connected to itself. */
  readonly connected: boolean;
}

export interface Traffic {
  readonly jumps: number;
  readonly pulledPages: number;
  readonly pushedPages: number;
}
