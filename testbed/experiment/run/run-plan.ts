// SPDX-License-Identifier: MIT
import { availableParallelism } from 'node:os';
import { ExitCode } from '../../base/error/exit-code.js';
import type { EventSink, StageProgress, TestbedEvent } from '../../base/event/event.js';
import { type Stage, stage } from '../../base/event/stage.js';
import type { Context } from '../../base/host/context.js';
import type { CellRecord, CellStatus } from '../result/cell-record.js';
import type { RunFolder } from '../result/run-folder.js';
import type { Cell, Plan } from '../scenario/plan.js';
import type { ExpectedAnswer } from '../workload/oracle/expected.js';
import type { WorkloadRun } from '../workload/workload.js';
import { type CellCosts, costOf } from './cell-costs.js';
import { HostUnfitError } from './errors.js';
import type { Machines } from './machines.js';
import { runOf } from './script.js';
import { runCell } from './run-cell.js';

/** What a plan is run with. */
export interface PlanSetting {
  readonly machines: Machines;
  /** Computes the right answer of a workload, independently of it. */
  readonly oracle: (run: WorkloadRun) => Promise<ExpectedAnswer>;
  /** Where records go. A cell that already has one is not run again, unless it is in error. */
  readonly store: RunFolder;
  /** Says what is left, and remembers what cells take. */
  readonly costs?: CellCosts;
  /** Whether the first cell that is not ok is the last one. */
  readonly stopAtFailure?: boolean;
}

/** How a run went; plain data. */
export interface RunOutcome {
  readonly run: string;
  readonly folder: string;
  /** Of all cells of the plan, those of an earlier attempt included. */
  readonly counts: Readonly<Record<CellStatus, number>>;
}

/**
 * Runs the cells of a plan that have no record yet, strictly one after the other: side by side they would disturb each
 * other. Cells in virtual time cannot be disturbed, and run side by side.
 * Stages: `oracle`, `cells`, `cells/<id>` and below that what a cell consists of. A cell that does not end well is recorded,
 * and the next one begins.
 * @throws HostUnfitError when a cell shows that no cell can run on this host
 * @throws the reason of `context.signal`; finished cells are kept
 */
export async function runPlan(context: Context, plan: Plan, setting: PlanSetting): Promise<RunOutcome> {
  const { store } = setting;
  const done = new Map(await store.finished());
  const open = plan.cells.filter(({ id }) => !done.has(id));
  if (open.length > 0) {
    const expected = await expectedAnswers(context, open, setting);
    await stage(context, 'cells', 'Cells', async (current) => {
      const inner = { ...context, events: withoutEchoes(context.events) };
      const queue = [...open];
      const step = (count: number): Steps => ({ done: count, total: plan.cells.length, unit: 'cells' });
      const work = async (): Promise<void> => {
        for (let cell = queue.shift(); cell !== undefined; cell = queue.shift()) {
          current.progress({ ...step(done.size), note: cell.id, ...timeLeft([cell, ...queue], setting) });
          const record = await runOne(inner, cell, setting, expected);
          done.set(cell.id, record);
          await remember(cell, record, setting);
          if (record.error?.exitCode === ExitCode.Host) throw new HostUnfitError(cell.id, record.error);
          if (setting.stopAtFailure === true && record.status !== 'ok') queue.length = 0;
        }
      };
      // When one worker fails for good, the others finish their cells first.
      const outcomes = await Promise.allSettled(Array.from({ length: sideBySide(open) }, work));
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed !== undefined) throw failed.reason as Error;
      current.progress({ ...step(done.size), note: 'all done' });
    });
  }
  return { run: store.record.id, folder: store.folder, counts: countByStatus([...done.values()]) };
}

/** How many guests of a cell are busy at a time: the one that computes and the one that lends its memory. */
const BUSY_GUESTS = 2;

/** How many cells may run at a time. */
export function sideBySide(cells: readonly Cell[]): number {
  if (!cells.every(({ shape }) => shape.virtualTime !== undefined)) return 1;
  return Math.max(1, Math.min(cells.length, Math.floor(availableParallelism() / BUSY_GUESTS)));
}

type Steps = Pick<StageProgress, 'done' | 'total' | 'unit'>;

/** Nothing while a cell is left of a kind that was never measured here. */
function timeLeft(left: readonly Cell[], { costs, store }: PlanSetting): Pick<StageProgress, 'leftMs'> {
  const { line, variant } = store.record.kernel;
  const estimate = costs?.estimate(left, { lines: [line], variant }, sideBySide(left));
  return estimate === undefined || estimate.unknown > 0 ? {} : { leftMs: estimate.seconds * 1000 };
}

async function remember(cell: Cell, record: CellRecord, { costs, store }: PlanSetting): Promise<void> {
  if (costs === undefined || record.measurement === undefined) return;
  await costs.keep(cell, store.record.kernel, await costOf(store.folder, record));
}

function countByStatus(records: readonly Pick<CellRecord, 'status'>[]): RunOutcome['counts'] {
  const counts: Record<CellStatus, number> = { ok: 0, failed: 0, invalid: 0, error: 0 };
  for (const { status } of records) counts[status] += 1;
  return counts;
}

/** Computes all answers before the first cell, since the oracle would disturb a measurement. */
async function expectedAnswers(
  context: Context,
  cells: readonly Cell[],
  { oracle }: PlanSetting,
): Promise<ReadonlyMap<string, ExpectedAnswer>> {
  const questions = new Map(cells.map((cell) => [questionOf(cell), cell]));
  return await stage(context, 'oracle', 'Expected checksums', async (current) => {
    const answers = new Map<string, ExpectedAnswer>();
    for (const [question, cell] of questions) {
      current.progress({ done: answers.size, total: questions.size, note: question });
      answers.set(question, await oracle(runOf(cell)));
    }
    return answers;
  });
}

function questionOf({ workload, footprintBytes, seed }: Cell): string {
  return `${workload} ${footprintBytes} ${seed}`;
}

async function runOne(
  context: Context,
  cell: Cell,
  { machines, store }: PlanSetting,
  answers: ReadonlyMap<string, ExpectedAnswer>,
): Promise<CellRecord> {
  const { clock } = context;
  const expected = answers.get(questionOf(cell));
  if (expected === undefined) throw new RangeError(`nobody knows the answer of ${cell.id}`);
  const id = `cells/${cell.id}`;
  return await stage(context, id, cell.id, async (current) => {
    const startedAt = clock.date().toISOString();
    const started = clock.now();
    await using scratch = await store.openScratch();
    const inner = { ...context, events: below(context.events, id) };
    const findings = await runCell(inner, cell, { machines, expected, folder: scratch.folder });
    const record = await store.save(cell, scratch, {
      ...findings,
      startedAt,
      wallSeconds: (clock.now() - started) / 1000,
    });
    announce(context, current, record);
    return record;
  });
}

/** Moves the stages of a cell's parts below the stage of the cell. */
function below(events: EventSink, prefix: string): EventSink {
  return (event: TestbedEvent) => {
    events('id' in event ? { ...event, id: `${prefix}/${event.id}` } : event);
  };
}

/** Passes each notice on only once, since the machines of every cell repeat it. */
function withoutEchoes(events: EventSink): EventSink {
  const told = new Set<string>();
  return (event: TestbedEvent) => {
    if (event.type === 'notice') {
      if (told.has(event.text)) return;
      told.add(event.text);
    }
    events(event);
  };
}

function announce({ events, clock }: Context, current: Stage, record: CellRecord): void {
  const { id: cell, status, reason, measurement } = record;
  const noisy = measurement?.host.noisy === true ? ', noisy' : '';
  const elapsed = measurement?.report?.elapsedNanoseconds;
  const figures = elapsed === undefined ? status : `${status}, ${(elapsed / 1e9).toFixed(2)} s${noisy}`;
  current.note(reason === undefined ? figures : `${status}: ${reason}`);
  const note = reason === undefined ? {} : { note: reason };
  events({ type: 'cell-finished', at: clock.now(), cell, status, ...note });
}
