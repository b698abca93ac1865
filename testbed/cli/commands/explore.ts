// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import type { Run } from '../../experiment/result/load-run.js';
import { withCells } from '../../experiment/scenario/plan.js';
import { withSeeds } from '../../virtual-time/reseeded.js';
import { buildFlags } from '../command/build-flags.js';
import type { CommandBody, Invocation } from '../command/command.js';
import { UsageError } from '../command/errors.js';
import { namedTestbed } from '../command/named-testbed.js';
import { BUILD_BRANCHES } from '../view/build-branches.js';
import { withView } from '../view/with-view.js';

/** `testbed explore SCENARIO --seeds A..B` */
export const explore: CommandBody = async (invocation, session) => {
  const { context, output } = session;
  const [path = ''] = invocation.positionals;
  const { first, last } = seedsOf(invocation);
  const only = invocation.text('only');
  const testbed = namedTestbed(invocation, context);
  // The repeats of a cell are all the same.
  const whole = await testbed.plan(path, {
    repeats: 1,
    time: 'virtual',
    ...(only === undefined ? {} : { only }),
  });
  const plan = withCells(whole, withSeeds(whole.cells, first, last));
  const branches = [...BUILD_BRANCHES, { id: 'cells', title: 'Cells' }];
  const run = await withView(session, branches, async () =>
    testbed.run(plan, { ...buildFlags(invocation), stopAtFailure: invocation.flag('stop') }),
  );
  const failures = failuresOf(run);
  if (output.json) output.object({ run: run.record.id, failures });
  else for (const line of findings(run, failures)) output.line(line);
  return failures.length === 0 ? ExitCode.Ok : ExitCode.CellFailed;
};

interface Failure {
  readonly cell: string;
  readonly reason: string;
  /** The command that repeats it. */
  readonly command: string;
}

function failuresOf({ record, cells }: Run): readonly Failure[] {
  return cells.flatMap(({ cell, result }) =>
    result === undefined || result.status === 'ok'
      ? []
      : [
          {
            cell: cell.id,
            reason: result.reason ?? result.status,
            command: `npx testbed replay ${record.id} ${cell.id}`,
          },
        ],
  );
}

function findings({ record, cells }: Run, failures: readonly Failure[]): readonly string[] {
  const done = cells.filter(({ result }) => result !== undefined).length;
  return [
    ...failures.flatMap(({ cell, reason, command }) => [`${cell}: ${reason}`, `  ${command}`]),
    `${done} of ${cells.length} cells were run, ${failures.length} are not ok; results: ${record.id}`,
  ];
}

/** `1..200`, or one number. @throws UsageError */
function seedsOf(invocation: Invocation): { readonly first: number; readonly last: number } {
  const text = invocation.text('seeds') ?? '1..20';
  const [, from, to] = /^(\d+)(?:\.\.(\d+))?$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to ?? from)];
  if (Number.isSafeInteger(last) && first <= last) return { first, last };
  throw new UsageError(`--seeds is two numbers, such as 1..200, not ${text}`, 'npx testbed explore --help');
}
