// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import type { Results } from '../../api/results/results.js';
import type { RunResults } from '../../api/results/run-results.js';
import type { CommandBody } from '../command/command.js';
import { UsageError } from '../command/errors.js';
import { namedTestbed } from '../command/named-testbed.js';
import { nearest } from '../../base/error/nearest.js';
import type { Output } from '../command/output.js';
import { exactComparisonText } from '../../virtual-time/comparison/exact-comparison-text.js';

/** What can be done with one run. */
const VIEWS: Readonly<Record<string, (run: RunResults, output: Output) => void>> = {
  show: (run, output) => {
    if (output.json) output.object({ run: run.record, groups: run.groups(), cells: run.cells });
    else output.line(run.table());
  },
  csv: (run, output) => {
    output.line(run.csv().trimEnd());
  },
  tap: (run, output) => {
    output.line(run.tap().trimEnd());
  },
  junit: (run, output) => {
    output.line(run.junit().trimEnd());
  },
};

/** `testbed results ...` */
export const results: CommandBody = async (invocation, { context, output }) => {
  const [what = 'list', first, second] = invocation.positionals;
  const view = Object.hasOwn(VIEWS, what) ? VIEWS[what] : undefined;
  const kept = namedTestbed(invocation, context).results;
  if (view !== undefined) view(await kept.open(first), output);
  else if (what === 'list') await list(kept, output);
  else if (what === 'compare') await compare(kept, output, first, second);
  else throw unknown(what);
  return ExitCode.Ok;
};

async function list(kept: Results, output: Output): Promise<void> {
  const runs = await kept.list();
  if (output.json) output.object(runs);
  else if (runs.length === 0) output.remark('no runs yet; npx testbed run scenarios/network-swap.json');
  else for (const id of runs) output.line(id);
}

async function compare(
  kept: Results,
  output: Output,
  first: string | undefined,
  second: string | undefined,
): Promise<void> {
  if (first === undefined || second === undefined) {
    throw new UsageError('compare wants two runs', 'npx testbed results compare RUN RUN');
  }
  const [a, b] = [await kept.open(first), await kept.open(second)];
  if (a.time === 'virtual' && b.time === 'virtual') {
    const comparison = await a.compareExactlyWith(b);
    if (output.json) output.object(comparison);
    else output.line(exactComparisonText(comparison));
  } else if (output.json) output.object(a.compareWith(b));
  else output.line(a.comparisonTable(b));
}

function unknown(what: string): UsageError {
  const near = nearest(what, ['list', 'compare', ...Object.keys(VIEWS)]);
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  return new UsageError(`results has no ${what}${hint}`, 'npx testbed results --help');
}
