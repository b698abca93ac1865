// SPDX-License-Identifier: MIT
import { stage } from '../../base/event/stage.js';
import type { Context } from '../../base/host/context.js';
import { DisposalStack } from '../../base/lifecycle/disposal-stack.js';
import type { Flow } from './flow.js';
import type { FlowNode } from './flow-node.js';
import { schedule } from './schedule.js';
import { runStep, type StepOutcome } from './step.js';

/** The result of a flow. Disposal ends the steps that keep running. */
export interface FlowOutcome extends AsyncDisposable {
  readonly flow: string;
  readonly status: 'done' | 'skipped';
  /** For `skipped`: what is missing, as the script says. */
  readonly reason?: string;
  /** In the order in which they ran. */
  readonly steps: readonly StepOutcome[];
}

/**
 * Runs a flow's steps over ssh, in order, on each compute node and the memory node that it is paired with. Stages:
 * `flow/<name>` and below it one for each step. A variable in `environment` overrides one that the flow sets. A step
 * whose script says that it is not available on this kernel ends the flow as skipped.
 * @throws FlowRoleError when there is no node for a step
 * @throws FlowStepError when a step fails, DeadlineError when it takes too long. Steps that keep running are ended first.
 */
export async function runFlow(
  context: Context,
  flow: Flow,
  nodes: readonly FlowNode[],
  environment: Readonly<Record<string, string>> = {},
): Promise<FlowOutcome> {
  return await stage(context, `flow/${flow.name}`, flow.title, async (current) => {
    const running = new DisposalStack();
    const end = running[Symbol.asyncDispose].bind(running);
    const steps: StepOutcome[] = [];
    try {
      for (const { id, step, pair } of schedule(flow, nodes)) {
        const outcome = await runStep({ context, running, flow, environment }, id, step, pair);
        steps.push(outcome);
        if (outcome.status !== 'skipped') continue;
        current.skipped(outcome.reason);
        return {
          flow: flow.name,
          status: 'skipped',
          reason: outcome.reason,
          steps,
          [Symbol.asyncDispose]: end,
        };
      }
      return { flow: flow.name, status: 'done', steps, [Symbol.asyncDispose]: end };
    } catch (thrown) {
      await end();
      throw thrown;
    }
  });
}
