// SPDX-License-Identifier: MIT
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { toErrorRecord } from '../../testbed/base/error/error-record.js';
import type { Products } from '../../testbed/machines/cluster/products.js';
import { runCell } from '../../testbed/experiment/run/run-cell.js';
import { runOf } from '../../testbed/experiment/run/script.js';
import type { Context } from '../../testbed/base/host/context.js';
import type { VirtualTimeRecord } from '../../testbed/experiment/result/cell-record.js';
import { chooseQemu } from '../../testbed/machines/node/chosen-qemu.js';
import { parseScenario } from '../../testbed/experiment/scenario/load-scenario.js';
import { type Cell, planScenario } from '../../testbed/experiment/scenario/plan.js';
import type { Evidence } from '../../testbed/virtual-time/digest.js';
import { type Difference, firstDifference } from '../../testbed/virtual-time/difference.js';
import { OPERATOR } from '../../testbed/virtual-time/guest-specs.js';
import { buildImage } from '../../testbed/products/image/build-image.js';
import { buildLockstep } from '../../testbed/products/image/lockstep-programs.js';
import { type CellPlan, planCell } from '../../testbed/virtual-time/operator-plan.js';
import { runInVirtualTime } from '../../testbed/virtual-time/run-in-virtual-time.js';
import { type Repeatable, resultDifference } from '../../testbed/virtual-time/repeatable.js';
import { expectedChecksum } from '../../testbed/experiment/workload/oracle/expected.js';
import { testContext } from '../products/image/test-context.js';
import type { Tool } from './tool.js';
import {
  type Ended,
  planOfPrograms,
  programSteps,
  readPrograms,
  type Scheduled,
} from './scheduled-programs.js';
import type { VirtualCell } from './virtual-cells.js';

const MACHINES = 'machines';

/** One run of a cell in virtual time. */
export interface Play {
  /** `ok`, or `status: reason`. */
  readonly outcome: string;
  readonly findings: Repeatable;
  readonly virtualTime: VirtualTimeRecord;
  readonly evidence: Evidence;
  readonly wallSeconds: number;
  /** Standard output of each of the cell's steps that was run, where it has steps. */
  readonly answers: readonly string[];
  /** What came of each of the cell's programs, where it has any, and when it was run. Those that were not reached are missing. */
  readonly programs: readonly (Ended & Span)[];
}

/** What cells are played with. */
export interface Props {
  /** As `--qemu` has it; the host's when absent. */
  readonly qemu?: string;
  /** A declaration of images/, an initramfs; that of all nodes when absent. */
  readonly image?: string;
}

/** Plays cells on one kernel line, each time on guests of their own, in this process. */
export class Stagehand {
  private constructor(
    readonly context: Context,
    readonly products: Products,
    readonly folder: string,
  ) {}

  static async of(tool: Tool, line: string, { qemu, image }: Props = {}): Promise<Stagehand> {
    const context = testContext({ signal: tool.signal });
    const made = await tool.json<Products>('build', '--kernel', line);
    const root = image === undefined ? {} : { image: await buildImage(context, image) };
    const lockstep = await buildLockstep(context);
    const chosen = qemu === undefined ? {} : { qemu: await chooseQemu(context, qemu) };
    return new Stagehand(context, { ...made, ...root, ...chosen, lockstep }, tool.folder);
  }

  async play({ scenario, steps, programs }: VirtualCell): Promise<Play> {
    const { clock } = this.context;
    const parsed = await parseScenario(this.context, 'cell.json', JSON.stringify(scenario));
    const [cell] = planScenario(parsed).cells;
    if (cell === undefined) throw new Error('the scenario has no cell');
    const folder = await mkdtemp(join(this.folder, 'play-'));
    await mkdir(join(folder, MACHINES));
    const began = clock.now();
    const answers: string[] = [];
    const ended: (Ended & Span)[] = [];
    const findings = await (programs !== undefined
      ? this.#runPrograms(cell, folder, programs, ended)
      : steps === undefined
        ? this.#measure(cell, folder)
        : this.#follow(cell, folder, steps, answers));
    const { status, reason, virtualTime } = findings;
    if (virtualTime === undefined) throw new Error(`${cell.id}: ${status}, ${reason ?? ''}`);
    return {
      outcome: reason === undefined ? status : `${status}: ${reason}`,
      findings,
      virtualTime,
      evidence: evidenceIn(folder, cell, virtualTime),
      wallSeconds: (clock.now() - began) / 1000,
      answers,
      programs: ended,
    };
  }

  async #measure(cell: Cell, folder: string): Promise<Repeatable> {
    return await runCell(this.context, cell, {
      machines: {
        boot: async (context) => runInVirtualTime(context, this.#request(cell, folder)),
        explain: async (error) => Promise.resolve(error),
      },
      expected: await expectedChecksum(this.context, runOf(cell)),
      folder: join(folder, MACHINES),
    });
  }

  async #follow(
    cell: Cell,
    folder: string,
    steps: NonNullable<VirtualCell['steps']>,
    answers: string[],
  ): Promise<Repeatable> {
    const { context } = this;
    const plan = planOf(steps);
    await using cluster = await runInVirtualTime(context, { ...this.#request(cell, folder), plan });
    const { virtualTime } = cluster;
    for (const { command, run } of cluster.script) {
      const { code, stdout, stderr } = await run(context.signal);
      answers.push(stdout);
      if (code === 0) continue;
      const reason = `${command.argv.join(' ')} ended with ${String(code)}: ${stderr}`;
      return { status: 'failed', reason, flows: [], virtualTime };
    }
    return { status: 'ok', flows: [], virtualTime };
  }

  async #runPrograms(
    cell: Cell,
    folder: string,
    programs: readonly Scheduled[],
    ended: (Ended & Span)[],
  ): Promise<Repeatable> {
    const { context } = this;
    const plan = planOfPrograms(cell, await planCell(context.paths, cell), programs);
    await using cluster = await runInVirtualTime(context, { ...this.#request(cell, folder), plan });
    const { virtualTime, script } = cluster;
    const spans = await spansIn(evidenceIn(folder, cell, virtualTime));
    const steps = programSteps(plan);
    try {
      for (const { name } of cell.flows) {
        const { status, reason = status } = await cluster.runFlow(context);
        if (status === 'skipped') throw new Error(`${name}: ${reason}`);
      }
      for await (const program of readPrograms(script, context.signal))
        ended.push({ ...program, ...(spans[steps[ended.length] ?? NaN] ?? { from: NaN, to: NaN }) });
      return { status: 'ok', flows: [], virtualTime };
    } catch (thrown) {
      context.signal.throwIfAborted();
      return { status: 'error', reason: toErrorRecord(thrown).message, flows: [], virtualTime };
    }
  }

  #request(cell: Cell, folder: string): Parameters<typeof runInVirtualTime>[1] {
    return { cell, products: this.products, folder: join(folder, MACHINES), sockets: folder };
  }
}

/** A plan that does these steps and measures nothing. */
function planOf(steps: NonNullable<VirtualCell['steps']>): CellPlan {
  const measuring = steps.map((step) => {
    const node = Number(step.node.slice('node'.length));
    return { command: { purpose: 'workload', node, argv: step.argv } as const, step };
  });
  return { flows: [], measuring };
}

/** Where two plays part; undefined when they are the same to the bit. */
export async function parting(a: Play, b: Play): Promise<Difference | undefined> {
  return (await firstDifference(a.evidence, b.evidence)) ?? resultDifference(a.findings, b.findings);
}

/** Removes what a play left behind. */
export async function clear(play: Play): Promise<void> {
  await rm(folderOf(play), { recursive: true });
}

/** Copies what plays left behind to where it stays. */
export async function keep(...plays: readonly Play[]): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'virtual-time-kept-'));
  for (const [i, play] of plays.entries())
    await cp(folderOf(play), join(place, String(i + 1)), { recursive: true });
  return place;
}

function folderOf({ evidence }: Play): string {
  return dirname(dirname(dirname(evidence.transcript)));
}

/** When a step began and ended, in virtual nanoseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The longest step of a play in which nothing goes wrong: its workload. */
export async function longestStep(play: Play): Promise<Span> {
  const steps = await stepsOf(play);
  return steps.reduce((a, b) => (b.to - b.from > a.to - a.from ? b : a), { from: 0, to: 0 });
}

/** When the step ended that was under way at an instant, in virtual nanoseconds. */
export async function endOfStepAt(play: Play, instant: number): Promise<number> {
  return (await stepsOf(play)).find(({ to }) => to > instant)?.to ?? NaN;
}

async function stepsOf({ evidence }: Play): Promise<readonly Span[]> {
  return await spansIn(evidence);
}

/** Of all steps, in order. */
async function spansIn(evidence: Evidence): Promise<readonly Span[]> {
  const steps: Span[] = [];
  let from = 0;
  for (const line of (await readFile(evidence.transcript, 'utf8')).split('\n')) {
    const [seconds, verb] = line.split(' ');
    const at = Number(seconds) * 1e9;
    if (verb === 'begin') from = at;
    if (verb === 'end') steps.push({ from, to: at });
  }
  return steps;
}

function evidenceIn(folder: string, { shape }: Cell, record: VirtualTimeRecord): Evidence {
  const machines = join(folder, MACHINES);
  const names = [...shape.nodes.map((_, i) => `node${i + 1}`), OPERATOR];
  const kept = join(machines, 'virtual-time');
  return {
    consoles: names.map((name) => ({ name, path: join(machines, name, 'console.log') })),
    transcript: join(kept, record.transcript),
    ...(record.capture === undefined ? {} : { capture: join(kept, record.capture) }),
  };
}
