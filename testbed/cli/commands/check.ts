// SPDX-License-Identifier: MIT
import type { Testbed } from '../../api/testbed.js';
import type { BuiltTestbed } from '../../api/up/built-testbed.js';
import { ExitCode } from '../../base/error/exit-code.js';
import type { Plan } from '../../experiment/scenario/plan.js';
import { BUILD, checkPoints } from '../check/check-points.js';
import { ktapOf } from '../check/ktap.js';
import { buildFlags } from '../command/build-flags.js';
import type { CommandBody, Invocation, Session } from '../command/command.js';
import { namedTestbed } from '../command/named-testbed.js';
import { BUILD_BRANCHES } from '../view/build-branches.js';
import { withView } from '../view/with-view.js';

const SCENARIO = 'scenarios/check.json';

const CELL_BRANCHES = [
  { id: 'oracle', title: 'Expected checksum' },
  { id: 'cells', title: 'Check' },
] as const;

/** `testbed check` */
export const check: CommandBody = async (invocation, session) => {
  const { context, output } = session;
  const testbed = namedTestbed(invocation, context);
  const plan = await testbed.plan(SCENARIO);
  const began = context.clock.now();
  const built = await build(testbed, plan, invocation, session);
  const run = await withView(session, CELL_BRANCHES, async () => testbed.run(plan, { built }));
  const points = checkPoints(run);
  const seconds = Math.round((context.clock.now() - began) / 1000);
  if (output.json) output.object({ run: run.id, seconds, points });
  else for (const line of [...ktapOf(points), `# ${seconds} s; results: ${run.id}`]) output.line(line);
  return run.ok ? ExitCode.Ok : ExitCode.CellFailed;
};

/** A build that fails is a point that failed, and an error beside it. */
async function build(
  testbed: Testbed,
  { kernels, variant, root }: Plan,
  invocation: Invocation,
  session: Session,
): Promise<BuiltTestbed> {
  const request = { kernels, variant, image: root, virtualTime: true, ...buildFlags(invocation) };
  try {
    return await withView(session, BUILD_BRANCHES, async () => testbed.build(request));
  } catch (thrown) {
    const trouble = [thrown instanceof Error ? thrown.message : String(thrown)];
    if (!session.output.json)
      for (const line of ktapOf([{ name: BUILD, trouble }])) session.output.line(line);
    throw thrown;
  }
}
