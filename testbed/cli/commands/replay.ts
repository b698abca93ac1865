// SPDX-License-Identifier: MIT
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../../base/host/make-folder.js';
import type { Products } from '../../machines/cluster/products.js';
import { ExitCode } from '../../base/error/exit-code.js';
import { type Findings, runCell } from '../../experiment/run/run-cell.js';
import { runOf } from '../../experiment/run/script.js';
import type { Context } from '../../base/host/context.js';
import type { Run, RunCell } from '../../experiment/result/load-run.js';
import type { Cell } from '../../experiment/scenario/plan.js';
import { parseInstant } from '../../experiment/scenario/quantity.js';
import { instantText } from '../../virtual-time/guest-log.js';
import { refuseDifferentInputs } from '../../virtual-time/virtual-inputs.js';
import { type Pause, runInVirtualTime } from '../../virtual-time/run-in-virtual-time.js';
import { expectedChecksum } from '../../experiment/workload/oracle/expected.js';
import { buildAgain } from '../command/build-flags.js';
import type { CommandBody, Invocation } from '../command/command.js';
import { UsageError } from '../command/errors.js';
import { namedTestbed } from '../command/named-testbed.js';
import { quantity } from '../command/quantity-flag.js';
import { debug } from '../terminal/debugger.js';
import { BUILD_BRANCHES } from '../view/build-branches.js';
import { withView } from '../view/with-view.js';

/** `testbed replay RUN [CELL] [--gdb NODE --at TIME] [-- GDB-ARGUMENT...]` */
export const replay: CommandBody = async (invocation, session) => {
  const { context, output } = session;
  const [name = 'latest', ...words] = invocation.positionals;
  const testbed = namedTestbed(invocation, context);
  const run = await testbed.results.open(name);
  const stop = stopOf(invocation, words);
  const chosen = cellOf(run, words.find((word) => word !== stop?.node) ?? '');
  if (stop !== undefined && stop.port > chosen.cell.shape.nodes.length)
    throw new UsageError(`${chosen.cell.id} has no ${stop.node}`, EXAMPLE);
  const products = await withView(session, BUILD_BRANCHES, async () => {
    const built = await testbed.build(buildAgain(run, invocation));
    await refuseDifferentInputs(context, run, built.products, [chosen.cell]);
    return built.products;
  });
  const unsubscribe = session.subscribe((event) => {
    if (event.type === 'console-line') output.line(`${event.node}: ${event.line}`);
    if (event.type === 'notice') output.remark(event.text);
  });
  const folder = await mkdtemp(join(tmpdir(), 'replay-'));
  // Not in the folder: the path of a socket has to be short.
  await makeFolder(context.paths.runtime, 0o700);
  const sockets = await mkdtemp(join(context.paths.runtime, 'replay-'));
  const again = new Replay(context, chosen.cell, products, { folder, sockets });
  const tell = ({ status, reason }: Findings): void => {
    output.line(`${chosen.cell.id}: ${status}${reason === undefined ? '' : `, ${reason}`}`);
  };
  try {
    if (stop !== undefined) return await again.debug(stop, invocation.rest, tell);
    const findings = await again.run();
    tell(findings);
    return findings.status === 'ok' ? ExitCode.Ok : ExitCode.CellFailed;
  } finally {
    unsubscribe();
    for (const made of [folder, sockets]) await rm(made, { recursive: true, force: true });
  }
};

const EXAMPLE = 'npx testbed replay latest --gdb node1 --at 12.345s';

/** The instant at which all guests stop, and the node that gdb then runs on. */
interface Stop {
  readonly node: string;
  readonly port: number;
  readonly atNs: number;
}

/** @throws UsageError when only one of --gdb and --at is given */
function stopOf(invocation: Invocation, words: readonly string[]): Stop | undefined {
  const atNs = quantity(invocation, 'at', parseInstant);
  if (!invocation.flag('gdb') && atNs === undefined) return undefined;
  const node = words.find((word) => /^node[1-9]$/.test(word));
  if (!invocation.flag('gdb') || node === undefined || atNs === undefined)
    throw new UsageError('--gdb wants a node, and --at an instant', EXAMPLE);
  return { node, port: Number(node.slice('node'.length)), atNs };
}

/** The only cell whose id contains the text. @throws UsageError */
function cellOf(run: Run, text: string): RunCell {
  const found = run.cells.filter(
    ({ cell }) => cell.shape.virtualTime !== undefined && cell.id.includes(text),
  );
  const exact = found.find(({ cell }) => cell.id === text);
  const [only] = exact === undefined ? found : [exact];
  if (only !== undefined && (exact !== undefined || found.length === 1)) return only;
  const ids = found.map(({ cell }) => cell.id).join(', ');
  throw new UsageError(
    found.length === 0 ? `no cell in virtual time has "${text}" in its id` : `"${text}" may be any of ${ids}`,
    `npx testbed results show ${run.record.id}`,
  );
}

/** A cell that is run again. Nothing of it is kept. */
class Replay {
  constructor(
    readonly context: Context,
    readonly cell: Cell,
    readonly products: Products,
    readonly places: { readonly folder: string; readonly sockets: string },
  ) {}

  async run(pause?: Pause, signal = this.context.signal): Promise<Findings> {
    const context = { ...this.context, signal };
    const shape = { ...this.cell.shape, gdb: pause !== undefined };
    const cell = { ...this.cell, shape };
    const machines = join(this.places.folder, 'machines');
    await mkdir(machines);
    const request = { cell, products: this.products, folder: machines, sockets: this.places.sockets };
    return await runCell(context, cell, {
      machines: {
        boot: async (current) =>
          runInVirtualTime(current, pause === undefined ? request : { ...request, pause }),
        explain: (error) => Promise.resolve(error),
      },
      expected: await expectedChecksum(context, runOf(cell)),
      folder: machines,
    });
  }

  /** Runs the cell to the instant at which gdb starts. Leaving gdb ends it. @returns gdb's status */
  async debug(
    { node, port, atNs }: Stop,
    gdbArguments: readonly string[],
    tell: (findings: Findings) => void,
  ): Promise<number> {
    const { context } = this;
    const { kernel } = this.products;
    const left = new AbortController();
    let gdb: Promise<number> | undefined;
    const onPaused = (socket: string): void => {
      gdb = debug(context, { kernel, socket }, gdbArguments).finally(() => {
        left.abort(new Error('gdb was left'));
      });
      // Handled below, when the guests have ended.
      gdb.catch(() => undefined);
    };
    try {
      const both = AbortSignal.any([context.signal, left.signal]);
      const findings = await this.run({ port, atNs, onPaused }, both);
      if (gdb === undefined)
        throw new UsageError(
          `${node} did not get to ${instantText(atNs)} s: ${this.cell.id} ended before`,
          'Its consoles, in the folder of the run, show which instants there were.',
        );
      tell(findings);
    } catch (thrown) {
      if (!left.signal.aborted) throw thrown;
    }
    return (await gdb) ?? ExitCode.Internal;
  }
}
