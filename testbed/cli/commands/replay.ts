// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Products } from '../../cluster/products.js';
import { ExitCode } from '../../error/exit-code.js';
import { runCell } from '../../experiment/run-cell.js';
import { runOf } from '../../experiment/measure.js';
import type { Context } from '../../host/context.js';
import { treePlace } from '../../kernel/place.js';
import { loadRun, type Run, type RunCell } from '../../result/load.js';
import { parseDuration } from '../../scenario/quantity.js';
import { refuseDifferentInputs } from '../../virtual-time/inputs.js';
import { type Pause, playCell } from '../../virtual-time/play-cell.js';
import { expectedChecksum } from '../../workload/expected.js';
import type { CommandBody } from '../command.js';
import { UsageError } from '../errors.js';
import { PREPARATION_BRANCHES, prepareProducts } from '../preparation.js';
import { withView } from '../view/with-view.js';

/** `testbed replay RUN [CELL] [--gdb NODE --at TIME]` */
export const replay: CommandBody = async (invocation, session) => {
  const { context, output } = session;
  const [name = 'latest', ...rest] = invocation.positionals;
  const node = invocation.flag('gdb') ? rest.pop() : undefined;
  const [id = ''] = rest;
  const run = await loadRun(context.paths, name);
  const chosen = cellOf(run, id);
  const products = await withView(session, PREPARATION_BRANCHES, async () => {
    const { line, variant } = run.record.kernel;
    const wish = { preferred: [line], variant, image: 'initramfs', virtualTime: true } as const;
    const made = await prepareProducts(context, invocation, wish);
    await refuseDifferentInputs(context, run, made, [chosen.cell]);
    return made;
  });
  const folder = await mkdtemp(join(tmpdir(), 'replay-'));
  try {
    const attempt = new Replay(session.context, run, chosen, products, folder);
    const unsubscribe = session.subscribe((event) => {
      if (event.type === 'console-line') output.line(`${event.node}: ${event.line}`);
      if (event.type === 'notice') output.remark(event.text);
    });
    const findings = await attempt.run(node, invocation.text('at')).finally(unsubscribe);
    output.line(
      `${chosen.cell.id}: ${findings.status}${findings.reason === undefined ? '' : `, ${findings.reason}`}`,
    );
    return findings.status === 'ok' ? ExitCode.Ok : ExitCode.CellFailed;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** The one cell whose id has the text in it. @throws UsageError */
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

/** A cell that is made again, with nothing kept of it. */
class Replay {
  constructor(
    readonly context: Context,
    readonly original: Run,
    readonly chosen: RunCell,
    readonly products: Products,
    readonly folder: string,
  ) {}

  async run(node: string | undefined, at: string | undefined): ReturnType<typeof runCell> {
    const { context, products, folder } = this;
    const over = new AbortController();
    const pause = this.#pause(node, at, over);
    const shape = { ...this.chosen.cell.shape, gdb: pause !== undefined };
    const cell = { ...this.chosen.cell, shape };
    const machines = join(folder, 'machines');
    await mkdir(machines);
    const request = { cell, products, folder: machines, sockets: folder };
    const inner = { ...context, signal: AbortSignal.any([context.signal, over.signal]) };
    return await runCell(inner, cell, {
      machines: {
        boot: async (current) => playCell(current, pause === undefined ? request : { ...request, pause }),
        explain: (error) => Promise.resolve(error),
      },
      expected: await expectedChecksum(context, runOf(cell)),
      folder: machines,
    });
  }

  #pause(node: string | undefined, at: string | undefined, over: AbortController): Pause | undefined {
    if (node === undefined && at === undefined) return undefined;
    const port = Number(/^node([1-4])$/.exec(node ?? '')?.[1]);
    if (!(port <= this.chosen.cell.shape.nodes.length) || at === undefined)
      throw new UsageError('--gdb wants a node, and --at an instant', this.#example());
    return {
      port,
      atNs: parseDuration(at) * 1000,
      onPaused: (socket) => {
        void this.#debug(socket).finally(() => {
          over.abort(new Error('gdb was left'));
        });
      },
    };
  }

  #example(): string {
    return `npx testbed replay ${this.original.record.id} ${this.chosen.cell.id} --gdb node1 --at 12.345s`;
  }

  /** The terminal becomes gdb's. */
  async #debug(socket: string): Promise<void> {
    const { kernel } = this.products;
    const { source } = treePlace(this.context.paths, kernel.line);
    const orders = [`directory ${source}`, `target remote ${socket}`].flatMap((order) => ['-ex', order]);
    const child = spawn('gdb', [kernel.vmlinux, ...orders], { stdio: 'inherit' });
    await once(child, 'exit');
  }
}
