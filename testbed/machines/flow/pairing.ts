// SPDX-License-Identifier: MIT
import { FlowRoleError } from './errors.js';
import type { Flow, Role } from './flow.js';
import type { FlowNode, FlowPlace } from './flow-node.js';

/** Two nodes that a flow joins. A role that the flow does not use is absent. */
export type Pair<Node extends FlowPlace = FlowNode> = Readonly<Partial<Record<Role, Node>>>;

/**
 * The pairs of a flow.
 * @throws FlowRoleError when the flow has a step for a role that no node has
 */
export function pairsFor<Node extends FlowPlace>(flow: Flow, nodes: readonly Node[]): readonly Pair<Node>[] {
  const missing = flow.steps.find((step) => nodes.every(({ role }) => role !== step.role));
  if (missing !== undefined) throw new FlowRoleError(flow.name, missing.role);
  return pairsOf(nodes);
}

/** Each compute node with the memory node that it uses. Memory nodes are assigned in turn. */
export function pairsOf<Node extends { readonly role: Role }>(
  nodes: readonly Node[],
): readonly Readonly<Partial<Record<Role, Node>>>[] {
  const compute = nodes.filter(({ role }) => role === 'compute');
  const memory = nodes.filter(({ role }) => role === 'memory');
  if (compute.length === 0) return memory.map((node) => ({ memory: node }));
  return compute.map((node, index) => {
    const lender = memory[index % memory.length];
    return { compute: node, ...(lender === undefined ? {} : { memory: lender }) };
  });
}
