// SPDX-License-Identifier: MIT
import { ExitCode } from '../../error/exit-code.js';
import type { Context } from '../../host/context.js';
import { compareRuns, comparisonOf } from '../../result/compare.js';
import { csvOf } from '../../result/csv.js';
import { junitOf } from '../../result/junit.js';
import { listRuns, loadRun, type Run } from '../../result/load.js';
import { summarise } from '../../result/summary.js';
import { tableOf } from '../../result/table.js';
import { tapOf } from '../../result/tap.js';
import type { CommandBody } from '../command.js';
import { UsageError } from '../errors.js';
import { nearest } from '../../error/nearest.js';
import type { Output } from '../output.js';

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
