// SPDX-License-Identifier: MIT
import type { TestbedNode } from '../../api/node/testbed-node.js';
import { Testbed } from '../../api/testbed.js';
import type { RunningTestbed } from '../../api/up/running-testbed.js';
import type { ProcessView, Snapshot } from '../../api/watch/snapshot.js';
import { ExitCode } from '../../base/error/exit-code.js';
import { withUndo } from '../../base/lifecycle/with-undo.js';
import { secondsText } from '../../experiment/result/figure-text.js';
import type { WorkloadReport } from '../../experiment/workload/report.js';
import { FLOWS } from '../../experiment/scenario/set-up.js';
import { NotRunningError } from '../../supervisor/errors.js';
import { buildFlags } from '../command/build-flags.js';
import type { CommandBody, Invocation, Session } from '../command/command.js';
import { UsageError } from '../command/errors.js';
import { namedTestbed } from '../command/named-testbed.js';
import { closingLines, figures, type Shown } from '../demo/closing-lines.js';
import { countMoved } from '../demo/moved-pages.js';
import {
  areRight,
  BUDGET,
  giveMemoryBack,
  SEARCH,
  searchStretched,
  searchSwapping,
  takeMemory,
} from '../demo/two-searches.js';
import { type Watching, whileWatched } from '../demo/while-watched.js';
import { drawSnapshot, whereLine } from '../live/draw-snapshot.js';
import { Screen } from '../live/screen.js';
import { withView } from '../view/with-view.js';
import { broughtUp, nameFlag, UP_BRANCHES } from './up.js';

/** `testbed demo` */
export const demo: CommandBody = async (invocation, session) => {
  const { context, output } = session;
  const testbed = namedTestbed(invocation, context);
  const { nodes } = await madeReady(testbed, invocation, session);
  const [home] = nodes;
  if (home === undefined) throw new NotRunningError(testbed.name);
  const say = (text: string): void => {
    if (output.json) output.remark(text);
    else output.line(text);
  };
  say(
    `1. ${SEARCH.workload} on ${home.name}: 32 MiB of data, ${BUDGET} of memory, swapping over the network`,
  );
  const swapping = await withLittleMemory(testbed.name, session, home, async () => searchSwapping(home));
  say(`   ${seconds(swapping)} s`);
  say(`2. the same search, stretched: ${BUDGET} of memory on ${home.name}, the rest on another node`);
  const { result: stretched, moved } = await countMoved(context, nodes, async () =>
    watched(testbed, session, async () => searchStretched(home)),
  );
  say(`   ${seconds(stretched)} s`);
  const { accelerator } = await testbed.status();
  const shown: Shown = {
    swapping,
    stretched,
    right: await areRight(context, [swapping, stretched]),
    emulated: accelerator?.startsWith('tcg') ?? false,
    home: home.name,
    flag: nameFlag(testbed),
    moved,
  };
  if (output.json) output.object(figures(shown));
  else for (const line of ['', ...closingLines(shown)]) output.line(line);
  return shown.right ? ExitCode.Ok : ExitCode.CellFailed;
};

const OTHER = 'npx testbed demo --name other';

/** Brings the testbed up, or sets up what is missing on it. */
async function madeReady(
  testbed: Testbed,
  invocation: Invocation,
  session: Session,
): Promise<RunningTestbed> {
  return await withView(session, UP_BRANCHES, async () => {
    if (!(await testbed.isUp())) await broughtUp(testbed, buildFlags(invocation));
    const found = await testbed.attach();
    if (found.nodes.length < 2)
      throw new UsageError(`testbed ${testbed.name} has one node; the demonstration needs two`, OTHER);
    const { flows } = await found.status();
    for (const flow of FLOWS.both) if (!flows.includes(flow)) await found.flow(flow);
    return found;
  });
}

/** Memory that was taken is given back on every way out, also when this command is interrupted. */
async function withLittleMemory<T>(
  name: string,
  { context: { paths } }: Session,
  home: TestbedNode,
  body: () => Promise<T>,
): Promise<T> {
  const work = async (): Promise<T> => {
    await takeMemory(home);
    return await body();
  };
  return await withUndo(work, async () => {
    const after = await new Testbed({ name, paths }).attach();
    await giveMemoryBack(after.node(home.name));
  });
}

/** Runs the search while the testbed is watched: drawn on a terminal, a line for each snapshot elsewhere. */
async function watched(
  testbed: Testbed,
  session: Session,
  body: () => Promise<WorkloadReport>,
): Promise<WorkloadReport> {
  using view = openView(session);
  const watching: Watching = {
    watch: (signal) => testbed.watch({ signal }),
    show: (snapshot) => {
      view.show(snapshot);
    },
  };
  const report = await whileWatched(watching, body);
  if (report === undefined) throw new NotRunningError(testbed.name);
  return report;
}

function isSearch({ name, map }: ProcessView): boolean {
  return name === SEARCH.workload && map !== undefined;
}

interface View extends Disposable {
  show(snapshot: Snapshot): void;
}

function openView({ output }: Session): View {
  if (process.stdout.isTTY && !output.json) return new DrawnView();
  return {
    show: ({ processes }) => {
      for (const one of processes.filter(isSearch)) output.remark(`   ${whereLine(one)}`);
    },
    [Symbol.dispose]: () => undefined,
  };
}

/** What was drawn last stays on the terminal. */
class DrawnView implements View {
  readonly #screen = new Screen(process.stdout);
  #last: readonly string[] = [];

  show(snapshot: Snapshot): void {
    const lines = drawSnapshot(snapshot, this.#screen.look);
    this.#screen.show(lines);
    if (snapshot.processes.some(isSearch))
      this.#last = drawSnapshot({ ...snapshot, nodes: [] }, this.#screen.look);
  }

  [Symbol.dispose](): void {
    this.#screen[Symbol.dispose]();
    for (const line of this.#last.slice(1)) process.stdout.write(`${line}\n`);
  }
}

function seconds({ elapsedNanoseconds }: WorkloadReport): string {
  return secondsText(elapsedNanoseconds / 1e9);
}
