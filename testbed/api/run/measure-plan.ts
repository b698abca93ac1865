// SPDX-License-Identifier: MIT
import { relative } from 'node:path';
import type { Context } from '../../base/host/context.js';
import { loadRun, type Run } from '../../experiment/result/load-run.js';
import { clearDeadScratch } from '../../experiment/result/dead-scratch.js';
import { RunFolder } from '../../experiment/result/run-folder.js';
import { refuseChangedPlan } from '../../experiment/result/same-inputs.js';
import type { Plan } from '../../experiment/scenario/plan.js';
import type { BuildRequest } from '../build/build-request.js';
import { prepareProducts } from '../build/prepare.js';
import { forCall } from '../context/open-context.js';
import { RunResults } from '../results/run-results.js';
import { runInSupervisor } from './run-in-supervisor.js';
import type { RunOptions } from './run-request.js';

/** Runs all cells of a plan as a new run, and reads its records. */
export async function measurePlan(context: Context, plan: Plan, options: RunOptions): Promise<RunResults> {
  return await measure(forCall(context, options), plan, options);
}

/** Runs what an interrupted run has left undone, on the kernel line and the QEMU that it was begun with. */
export async function resumeRun(context: Context, run: Run, options: RunOptions): Promise<RunResults> {
  const { plan, kernel, qemuFrom } = run.record;
  refuseChangedPlan(run.record);
  const begun = { kernels: [kernel.line], ...(qemuFrom === undefined ? {} : { qemu: qemuFrom }) };
  return await measure(forCall(context, options), plan, { ...begun, ...options }, run.folder);
}

async function measure(
  context: Context,
  plan: Plan,
  options: RunOptions & BuildRequest,
  begun?: string,
): Promise<RunResults> {
  const { built, stopAtFailure = false } = options;
  const products = built?.products ?? (await prepareProducts(context, buildFor(plan, options)));
  await clearDeadScratch(context);
  const folder = begun ?? (await RunFolder.create(context, { plan, products })).folder;
  const text = `records go to ${relative(context.paths.project, folder)}`;
  context.events({ type: 'notice', at: context.clock.now(), level: 'info', text });
  await runInSupervisor(context, { plan, products, folder, stopAtFailure });
  return new RunResults(await loadRun(context.paths, folder));
}

function buildFor(plan: Plan, request: BuildRequest): BuildRequest {
  const virtualTime = plan.cells.some(({ shape }) => shape.virtualTime !== undefined);
  return { kernels: plan.kernels, variant: plan.variant, ...request, image: plan.root, virtualTime };
}
