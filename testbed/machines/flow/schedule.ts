// SPDX-License-Identifier: MIT
import { type Flow, type FlowStep, SCRIPTS } from './flow.js';
import type { FlowNode, FlowPlace } from './flow-node.js';
import { type Pair, pairsFor } from './pairing.js';

/** A step of a flow and the pair of nodes that it is for. */
export interface ScheduledStep<Node extends FlowPlace = FlowNode> {
  /** Of the step's stage. */
  readonly id: string;
  readonly step: FlowStep;
  readonly pair: Pair<Node>;
}

/** The order of steps: pair by pair, and in each pair step by step. A step for every node runs with the first pair only. */
export function* schedule<Node extends FlowPlace>(
  flow: Flow,
  nodes: readonly Node[],
): Generator<ScheduledStep<Node>> {
  const pairs = pairsFor(flow, nodes);
  for (const [at, pair] of pairs.entries()) {
    for (const step of flow.steps) {
      if (!step.everyNode)
        yield scheduled(flow, step, pair, pairs.length > 1 ? (pair.compute ?? pair.memory) : undefined);
      else if (at === 0) yield* everyNode(flow, step, nodes);
    }
  }
}

function* everyNode<Node extends FlowPlace>(
  flow: Flow,
  step: FlowStep,
  nodes: readonly Node[],
): Generator<ScheduledStep<Node>> {
  const own = nodes.filter(({ role }) => role === step.role);
  const other = nodes.find(({ role }) => role !== step.role);
  const peer: Pair<Node> = other === undefined ? {} : { [other.role]: other };
  for (const node of own)
    yield scheduled(flow, step, { ...peer, [node.role]: node }, own.length > 1 ? node : undefined);
}

/** When a step runs on several nodes, its stage has the name of the node. */
function scheduled<Node extends FlowPlace>(
  flow: Flow,
  step: FlowStep,
  pair: Pair<Node>,
  node: Node | undefined,
): ScheduledStep<Node> {
  const suffix = node === undefined ? '' : `-${node.name}`;
  return { id: `flow/${flow.name}/${step.id}${suffix}`, step, pair };
}

/** The variables of a step's script. What the caller of the flow sets overrides what the flow sets. */
export function environmentOf(
  { flow, environment }: { readonly flow: Flow; readonly environment: Readonly<Record<string, string>> },
  step: FlowStep,
  pair: Pair<FlowPlace>,
): Record<string, string> {
  const peer = pair[step.role === 'compute' ? 'memory' : 'compute'];
  const addresses = {
    EOS_LOCAL_ADDRESS: pair[step.role]?.address ?? '',
    ...(peer === undefined ? {} : { EOS_REMOTE_MACHINE: peer.address }),
  };
  return { ...addresses, ...flow.env, ...step.env, ...environment };
}

/** A step's command line in a guest. */
export function scriptOf(step: FlowStep): readonly [string, ...string[]] {
  return [`${SCRIPTS}/${step.script}`, ...step.arguments];
}
