// SPDX-License-Identifier: MIT

/** A node's purpose: in a pair, one node computes and the other lends its memory. */
export type Role = 'compute' | 'memory';

/** Shows that a step that keeps running does its work: a line of its output, or a port on which its node listens. */
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
  /** Time that passes before the step. It is part of what the flow sets up, not a wait for something. */
  readonly delayMs: number;
  readonly deadlineMs: number;
  /** Absent for a step that ends when its script ends. */
  readonly until?: Evidence;
}

/** A file of guests/flows, as flow.schema.json describes it, with all defaults filled in. */
export interface Flow {
  readonly name: string;
  readonly title: string;
  readonly env: Readonly<Record<string, string>>;
  readonly steps: readonly FlowStep[];
}

/** Folder of the scripts in a guest. */
export const SCRIPTS = '/usr/lib/testbed';

/** Exit status of a script whose feature this kernel does not have (EX_UNAVAILABLE of sysexits.h). */
export const UNAVAILABLE = 69;
