// SPDX-License-Identifier: MIT
import { relative } from 'node:path';
import type { Context } from '../../base/host/context.js';
import { loadRun, restOf, type Run } from '../../experiment/result/load-run.js';
import { clearDeadScratch } from '../../experiment/result/dead-scratch.js';
import { RunFolder } from '../../experiment/result/run-folder.js';
import { CellCosts, type PossibleKernels, type RunEstimate } from '../../experiment/run/cell-costs.js';
import { sideBySide } from '../../experiment/run/run-plan.js';
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
  await announce(context, plan, options);
  return await measure(forCall(context, options), plan, options);
}

/** Runs what an interrupted run has left undone, on the kernel line and the QEMU that it was begun with. */
export async function resumeRun(context: Context, run: Run, options: RunOptions): Promise<RunResults> {
  const { plan, kernel, qemuFrom } = run.record;
  refuseChangedPlan(run.record);
  const begun = { kernels: [kernel.line], ...(qemuFrom === undefined ? {} : { qemu: qemuFrom }) };
  await announce(context, restOf(run), options);
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

/** What the cells of a plan are going to take. Boots and builds nothing. */
export async function estimateRun(
  { paths }: Context,
  plan: Plan,
  options: BuildRequest & Pick<RunOptions, 'built'>,
): Promise<RunEstimate> {
  const { cells } = plan;
  return (await CellCosts.open(paths)).estimate(cells, possibleKernels(plan, options), sideBySide(cells));
}

function possibleKernels(
  plan: Plan,
  { built, kernel, kernels = plan.kernels, variant = plan.variant }: Parameters<typeof estimateRun>[2],
): PossibleKernels {
  if (built === undefined) return { lines: kernel === undefined ? kernels : [kernel], variant };
  const { products } = built;
  return { lines: [products.kernel.line], variant: products.kernel.variant };
}

async function announce(
  context: Context,
  plan: Plan,
  options: Parameters<typeof estimateRun>[2],
): Promise<void> {
  const estimate = await estimateRun(context, plan, options);
  context.events({ type: 'run-planned', at: context.clock.now(), ...estimate });
}

function buildFor(plan: Plan, request: BuildRequest): BuildRequest {
  const virtualTime = plan.cells.some(({ shape }) => shape.virtualTime !== undefined);
  return { kernels: plan.kernels, variant: plan.variant, ...request, image: plan.root, virtualTime };
}
