// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import type { Context } from '../../base/host/context.js';
import { compareRuns, comparisonOf } from '../../experiment/result/compare.js';
import { csvOf } from '../../experiment/result/csv.js';
import { junitOf } from '../../experiment/result/junit.js';
import { listRuns, loadRun, type Run } from '../../experiment/result/load-run.js';
import { summarise } from '../../experiment/result/summary.js';
import { tableOf } from '../../experiment/result/table.js';
import { tapOf } from '../../experiment/result/tap.js';
import type { CommandBody } from '../command/command.js';
import { UsageError } from '../command/errors.js';
import { nearest } from '../../base/error/nearest.js';
import type { Output } from '../command/output.js';

/** What can be done with one run. */
const VIEWS: Readonly<Record<string, (run: Run, output: Output) => void>> = {
  show: (run, output) => {
    if (output.json) output.object({ run: run.record, groups: summarise(run), cells: run.cells });
    else output.line(tableOf(run));
  },
  csv: (run, output) => {
    output.line(csvOf(run).trimEnd());
  },
  tap: (run, output) => {
    output.line(tapOf(run).trimEnd());
  },
  junit: (run, output) => {
    output.line(junitOf(run).trimEnd());
  },
};

/** `testbed results ...` */
export const results: CommandBody = async (invocation, { context, output }) => {
  const [what = 'list', first, second] = invocation.positionals;
  const view = VIEWS[what];
  if (view !== undefined) view(await loadRun(context.paths, first ?? 'latest'), output);
  else if (what === 'list') await list(context, output);
  else if (what === 'compare') await compare(context, output, first, second);
  else throw unknown(what);
  return ExitCode.Ok;
};

async function list(context: Context, output: Output): Promise<void> {
  const runs = await listRuns(context.paths);
  if (output.json) output.object(runs);
  else if (runs.length === 0) output.remark('no runs yet; npx testbed run scenarios/network-swap.json');
  else for (const id of runs) output.line(id);
}

async function compare(
  context: Context,
  output: Output,
  first: string | undefined,
  second: string | undefined,
): Promise<void> {
  if (first === undefined || second === undefined) {
    throw new UsageError('compare wants two runs', 'npx testbed results compare RUN RUN');
  }
  const [a, b] = [await loadRun(context.paths, first), await loadRun(context.paths, second)];
  if (output.json) output.object(compareRuns(a, b));
  else output.line(comparisonOf(a, b));
}

function unknown(what: string): UsageError {
  const near = nearest(what, ['list', 'compare', ...Object.keys(VIEWS)]);
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  return new UsageError(`results has no ${what}${hint}`, 'npx testbed results --help');
}
