// SPDX-License-Identifier: MIT
import type { SshSession } from '../ssh/session.js';
import { FlowRoleError } from './errors.js';
import type { Flow, Role } from './flow.js';

/** A node as a flow sees it. */
export interface FlowNode {
  readonly name: string;
  readonly role: Role;
  /** Its address on the testbed's network. */
  readonly address: string;
  readonly session: SshSession;
}

/** Two nodes that a flow joins; one role is empty where the flow does without it. */
export type Pair = Readonly<Partial<Record<Role, FlowNode>>>;

/**
 * Each compute node with the memory node that it uses; memory nodes are dealt out in turn.
 * @throws FlowRoleError when the flow has a step for a role that no node has
 */
export function pairsFor(flow: Flow, nodes: readonly FlowNode[]): readonly Pair[] {
  const compute = nodes.filter(({ role }) => role === 'compute');
  const memory = nodes.filter(({ role }) => role === 'memory');
  const missing = flow.steps.find(({ role }) => (role === 'compute' ? compute : memory).length === 0);
  if (missing !== undefined) throw new FlowRoleError(flow.name, missing.role);
  if (compute.length === 0) return memory.map((node) => ({ memory: node }));
  return compute.map((node, index) => {
    const lender = memory[index % memory.length];
    return { compute: node, ...(lender === undefined ? {} : { memory: lender }) };
  });
}
