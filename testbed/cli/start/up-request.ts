// SPDX-License-Identifier: MIT
import type { ClusterShape, NodeShape } from '../../machines/cluster/shape.js';
import type { Context } from '../../base/host/context.js';
import type { LineId, Variant } from '../../products/kernel/line/kernel-product.js';
import { clusterShape } from '../../experiment/scenario/cluster-shapes.js';
import { loadScenario } from '../../experiment/scenario/load-scenario.js';
import { parseBytes } from '../../experiment/scenario/quantity.js';
import { HostInputError } from '../../virtual-time/errors.js';
import type { Invocation } from '../command/command.js';
import type { ProductRequest } from './preparation.js';
import { wholeNumber } from '../command/whole-number.js';

/** What `up` is to bring up. */
export interface UpRequest extends ProductRequest {
  readonly shape: ClusterShape;
  readonly flows: readonly string[];
  readonly preferred: readonly LineId[];
  readonly variant: Variant;
  /** Whether a shape was asked for, by a scenario or by flags. */
  readonly explicit: boolean;
}

/** Used when no scenario is given. */
const DEFAULT_SCENARIO = 'scenarios/default.json';

/** Flags that change the machines' shape. */
const SHAPE_FLAGS = ['nodes', 'memory', 'cpus', 'append'] as const;

const MAX_NODES = 16;

/** Reads the scenario and lays the flags over it. @throws ScenarioError, UsageError, HostInputError */
export async function upRequest(context: Context, invocation: Invocation): Promise<UpRequest> {
  const [path] = invocation.positionals;
  const scenario = await loadScenario(context, path ?? DEFAULT_SCENARIO);
  if (scenario.virtualTime !== undefined) throw new HostInputError('What is done to a testbed that is up');
  const base = clusterShape(scenario);
  const shape: ClusterShape = {
    ...base,
    nodes: nodesOf(base.nodes, invocation),
    kernelArguments: [...base.kernelArguments, ...invocation.texts('append')],
    gdb: base.gdb || invocation.flag('gdb'),
    dumpOnDeath: base.dumpOnDeath || invocation.flag('dump'),
    root: invocation.flag('disk') ? 'disk' : base.root,
  };
  const swap = shape.nodes.length > 1 && !invocation.flag('no-flow');
  return {
    shape,
    image: shape.root === 'disk' ? 'disk' : 'initramfs',
    flows: swap ? ['nbd-setup'] : [],
    preferred: scenario.kernels,
    variant: scenario.variant,
    explicit:
      path !== undefined ||
      SHAPE_FLAGS.some((flag) => invocation.text(flag) !== undefined || invocation.texts(flag).length > 0),
  };
}

function nodesOf(base: readonly NodeShape[], invocation: Invocation): readonly NodeShape[] {
  const count = wholeNumber(invocation, 'nodes', MAX_NODES) ?? base.length;
  const cpus = wholeNumber(invocation, 'cpus', MAX_NODES);
  const memory = invocation.text('memory');
  const last = base.at(-1);
  if (last === undefined) throw new Error('a scenario has at least one node');
  return Array.from({ length: count }, (_, i) => ({
    ...(base[i] ?? last),
    ...(cpus === undefined ? {} : { cpus }),
    ...(memory === undefined ? {} : { memoryBytes: parseBytes(memory) }),
  }));
}
