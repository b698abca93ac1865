// SPDX-License-Identifier: MIT
import { writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { ExitCode } from '../../base/error/exit-code.js';
import type { Context } from '../../base/host/context.js';
import type { LineId } from '../../products/kernel/line/kernel-product.js';
import { junitOf } from '../../experiment/result/junit.js';
import { loadRun, type Run } from '../../experiment/result/load-run.js';
import { RunFolder } from '../../experiment/result/run-folder.js';
import { tableOf } from '../../experiment/result/table.js';
import { tapOf } from '../../experiment/result/tap.js';
import { loadScenario } from '../../experiment/scenario/load-scenario.js';
import { planScenario, type Plan } from '../../experiment/scenario/plan.js';
import type { CommandBody, Invocation, Session } from '../command/command.js';
import { UsageError } from '../command/errors.js';
import { PREPARATION_BRANCHES, prepareProducts } from '../start/preparation.js';
import type { Branch } from '../view/tree.js';
import { withView } from '../view/with-view.js';
import { runInSupervisor } from '../start/run-in-supervisor.js';
import { oneOf } from '../command/one-of.js';
import { wholeNumber } from '../command/whole-number.js';

const BRANCHES: readonly Branch[] = [
  ...PREPARATION_BRANCHES,
  { id: 'oracle', title: 'Expected checksums' },
  { id: 'cells', title: 'Cells' },
];

const MAX_REPEATS = 1000;

/** What is run when nothing is named. */
const MAIN_SCENARIO = 'scenarios/elasticos.json';

/** `testbed run [SCENARIO]` */
export const run: CommandBody = async (invocation, session) => {
  const { context, output } = session;
  const wanted = await wantedRun(context, invocation);
  const outcome = await withView(session, BRANCHES, async () => {
    const { plan } = wanted;
    const products = await prepareProducts(context, invocation, {
      preferred: wanted.kernels,
      variant: plan.variant,
      image: plan.root,
      ...(wanted.qemu === undefined ? {} : { qemu: wanted.qemu }),
      virtualTime: plan.cells.some(({ shape }) => shape.virtualTime !== undefined),
    });
    const folder = wanted.folder ?? (await RunFolder.create(context, { plan, products })).folder;
    const text = `records go to ${relative(context.paths.project, folder)}`;
    context.events({ type: 'notice', at: context.clock.now(), level: 'info', text });
    return await runInSupervisor(context, plan, products, folder);
  });
  const results = await loadRun(context.paths, outcome.folder);
  await writeReports(invocation, session, results);
  if (output.json) output.object(outcome);
  else for (const line of [tableOf(results), '', `results: ${outcome.folder}`]) output.line(line);
  return outcome.counts.ok === wanted.plan.cells.length ? ExitCode.Ok : ExitCode.CellFailed;
};

interface Wanted {
  readonly plan: Plan;
  /** In order of preference. */
  readonly kernels: readonly LineId[];
  /** As the interrupted run had it. */
  readonly qemu?: string;
  /** Of a run that was interrupted. */
  readonly folder?: string;
}

/** A new run of a scenario, or one that was interrupted. */
async function wantedRun(context: Context, invocation: Invocation): Promise<Wanted> {
  const resumed = invocation.text('resume');
  const [path] = invocation.positionals;
  if (resumed !== undefined) {
    if (path !== undefined)
      throw new UsageError('--resume takes the scenario from the run', 'npx testbed run --resume RUN');
    const { folder, record } = await loadRun(context.paths, resumed);
    // The line that it was begun with, even where a better one can be had by now.
    const qemu = record.qemuFrom === undefined ? {} : { qemu: record.qemuFrom };
    return { plan: record.plan, kernels: [record.kernel.line], ...qemu, folder };
  }
  const repeats = wholeNumber(invocation, 'repeats', MAX_REPEATS);
  const only = invocation.text('only');
  const time = oneOf(invocation, 'time', ['wall', 'virtual'] as const);
  const seed = wholeNumber(invocation, 'seed', Number.MAX_SAFE_INTEGER);
  const overrides = {
    ...(time === undefined ? {} : { time }),
    ...(seed === undefined ? {} : { seed }),
    ...(repeats === undefined ? {} : { repeats }),
    ...(only === undefined ? {} : { only }),
  };
  const plan = planScenario(await loadScenario(context, path ?? MAIN_SCENARIO, overrides), overrides);
  return { plan, kernels: plan.kernels };
}

async function writeReports(invocation: Invocation, { output }: Session, results: Run): Promise<void> {
  const tap = invocation.text('tap');
  const junit = invocation.text('junit');
  if (tap === '-') output.line(tapOf(results));
  else if (tap !== undefined) await writeFile(tap, tapOf(results));
  if (junit !== undefined) await writeFile(junit, junitOf(results));
}
