// SPDX-License-Identifier: MIT

/** What a node is for, in a pair of which one computes and the other lends its memory. */
export type Role = 'compute' | 'memory';

/** What shows that a step which goes on running does its work: a line of its output, or a port on which its node listens. */
export type Evidence = { readonly line: string } | { readonly port: number };

export interface FlowStep {
  readonly id: string;
  readonly title: string;
  readonly role: Role;
  /** Run once on every node of the role, paired or not, instead of once for each pair. */
  readonly everyNode: boolean;
  /** File name of a script in {@link SCRIPTS}. */
  readonly script: string;
  readonly arguments: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Time that passes before the step; part of the flow's meaning, not a wait for something. */
  readonly delayMs: number;
  readonly deadlineMs: number;
  /** Absent for a step that is over when its script has ended. */
  readonly until?: Evidence;
}

/** A file of guests/flows, as flow.schema.json describes it, with everything filled in that may be left out. */
export interface Flow {
  readonly name: string;
  readonly title: string;
  readonly env: Readonly<Record<string, string>>;
  readonly steps: readonly FlowStep[];
}

/** Folder of the scripts in a guest. */
export const SCRIPTS = '/usr/lib/testbed';

/** Status with which a script says that what it sets up is not in this kernel (EX_UNAVAILABLE of sysexits.h). */
export const UNAVAILABLE = 69;
