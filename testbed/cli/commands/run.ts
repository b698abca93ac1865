// SPDX-License-Identifier: MIT
import { constants } from 'node:fs';
import { access, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { RunResults } from '../../api/results/run-results.js';
import type { Testbed } from '../../api/testbed.js';
import { reportUnusable } from '../../base/error/unusable-path.js';
import { ExitCode } from '../../base/error/exit-code.js';
import type { Plan, PlanOverrides } from '../../experiment/scenario/plan.js';
import { buildFlags } from '../command/build-flags.js';
import type { CommandBody, Invocation, Session } from '../command/command.js';
import { UsageError } from '../command/errors.js';
import { namedTestbed } from '../command/named-testbed.js';
import { oneOf } from '../command/one-of.js';
import { wholeNumber } from '../command/whole-number.js';
import { BUILD_BRANCHES } from '../view/build-branches.js';
import { estimateText } from '../view/estimate-text.js';
import type { Branch } from '../view/tree.js';
import { withView } from '../view/with-view.js';

const BRANCHES: readonly Branch[] = [
  ...BUILD_BRANCHES,
  { id: 'oracle', title: 'Expected checksums' },
  { id: 'cells', title: 'Cells' },
];

const MAX_REPEATS = 1000;

/** The scenario that is run when none is named. */
const SHORT_SCENARIO = 'scenarios/short.json';

/** `testbed run [SCENARIO]` */
export const run: CommandBody = async (invocation, session) => {
  const { context, output } = session;
  const testbed = namedTestbed(invocation, context);
  await checkReports(invocation);
  sayDefault(invocation, session);
  if (invocation.flag('dry-run')) return await tellPlan(testbed, invocation, session);
  const work = await workOf(testbed, invocation);
  const results = await withView(session, BRANCHES, work);
  await writeReports(invocation, session, results);
  if (output.json) output.object(outcomeOf(results));
  else for (const line of [results.table(), '', `results: ${results.folder}`]) output.line(line);
  return results.ok ? ExitCode.Ok : ExitCode.CellFailed;
};

/** Says what is run, and what else there is, to who asked for nothing in particular. */
function sayDefault(invocation: Invocation, { output }: Session): void {
  if (invocation.positionals.length > 0 || invocation.text('resume') !== undefined) return;
  output.remark(
    `${SHORT_SCENARIO}: a few minutes on two quiet processors. All of the matrix, which takes hours: ` +
      'npx testbed run scenarios/elasticos.json',
  );
}

/** What would be run, and what it would take. */
async function tellPlan(testbed: Testbed, invocation: Invocation, { output }: Session): Promise<number> {
  const begun = await begunRun(testbed, invocation);
  const plan = begun?.rest ?? (await planOf(testbed, invocation));
  const estimate = await testbed.estimate(plan, buildFlags(invocation));
  const cells = plan.cells.map(({ id }) => id);
  if (output.json) output.object({ ...estimate, cells });
  else for (const line of [...cells, '', estimateText(estimate)]) output.line(line);
  return ExitCode.Ok;
}

/** A new run of a scenario, or the rest of an interrupted run. */
async function workOf(testbed: Testbed, invocation: Invocation): Promise<() => Promise<RunResults>> {
  const build = buildFlags(invocation);
  // Both are read before the view is opened, since there may be something wrong with them.
  const begun = await begunRun(testbed, invocation);
  if (begun !== undefined) return async () => testbed.resume(begun.folder, build);
  const plan = await planOf(testbed, invocation);
  return async () => testbed.run(plan, build);
}

/** The run that --resume names. */
async function begunRun(testbed: Testbed, invocation: Invocation): Promise<RunResults | undefined> {
  const name = invocation.text('resume');
  if (name === undefined) return undefined;
  if (invocation.positionals.length > 0)
    throw new UsageError('--resume takes the scenario from the run', 'npx testbed run --resume RUN');
  return await testbed.results.open(name);
}

async function planOf(testbed: Testbed, invocation: Invocation): Promise<Plan> {
  const repeats = wholeNumber(invocation, 'repeats', MAX_REPEATS);
  const only = invocation.text('only');
  const time = oneOf(invocation, 'time', ['wall', 'virtual'] as const);
  const seed = wholeNumber(invocation, 'seed', Number.MAX_SAFE_INTEGER);
  const overrides: PlanOverrides = {
    ...(time === undefined ? {} : { time }),
    ...(seed === undefined ? {} : { seed }),
    ...(repeats === undefined ? {} : { repeats }),
    ...(only === undefined ? {} : { only }),
  };
  const [scenario = SHORT_SCENARIO] = invocation.positionals;
  return await testbed.plan(scenario, overrides);
}

/** The form for `--json`. */
function outcomeOf({ id, folder, counts }: RunResults): object {
  const { missing: _missing, ...done } = counts;
  return { run: id, folder, counts: done };
}

/** A run takes long, so that a report which cannot be written is refused beforehand. @throws UnusablePathError */
async function checkReports(invocation: Invocation): Promise<void> {
  for (const path of [invocation.text('tap'), invocation.text('junit')]) {
    if (path === undefined || path === '-') continue;
    await reportUnusable(path, async () => {
      const present = await stat(path).catch(() => undefined);
      if (present?.isDirectory() === true) throw Object.assign(new Error(path), { code: 'EISDIR', path });
      await access(present === undefined ? dirname(resolve(path)) : path, constants.W_OK);
    });
  }
}

async function writeReports(invocation: Invocation, { output }: Session, results: RunResults): Promise<void> {
  const tap = invocation.text('tap');
  const junit = invocation.text('junit');
  if (tap === '-') output.line(results.tap());
  else if (tap !== undefined) await reportUnusable(tap, async () => writeFile(tap, results.tap()));
  if (junit !== undefined) await reportUnusable(junit, async () => writeFile(junit, results.junit()));
}
