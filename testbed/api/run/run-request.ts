// SPDX-License-Identifier: MIT
import type { PlanOverrides } from '../../experiment/scenario/plan.js';
import type { CallOptions } from '../context/open-context.js';
import type { BuildRequest } from '../build/build-request.js';
import type { BuiltTestbed } from '../up/built-testbed.js';

/** How a plan is run. What its guests are made of is what the plan says, where nothing else is asked for. */
export interface RunOptions extends CallOptions, Omit<BuildRequest, 'image' | 'kernels' | 'virtualTime'> {
  /** Whether the first cell that is not ok is the last one. */
  readonly stopAtFailure?: boolean;
  /** What was built for this plan already; it goes before everything that is asked for beside it. */
  readonly built?: BuiltTestbed;
}

/** How a scenario is run: what goes before what it says, and how its plan is run. */
export type ScenarioRunOptions = PlanOverrides & RunOptions;
