// SPDX-License-Identifier: MIT
import { elasticCommand } from '../../testbed/experiment/run/elastic.js';
import { timed, USAGE, usageOf } from '../../testbed/experiment/run/resource-usage.js';
import type { ScriptedCommand } from '../../testbed/experiment/run/machines.js';
import type { Cell } from '../../testbed/experiment/scenario/plan.js';
import type { ElasticRun } from '../../testbed/experiment/scenario/system.js';
import { SCRIPTS } from '../../testbed/machines/flow/flow.js';
import type { RemoteFinished } from '../../testbed/machines/ssh/session.js';
import type { CellPlan, PlannedStep } from '../../testbed/virtual-time/operator-plan.js';

/** A program of the guests that is run stretched on node1. It ends with 0 when all that it found is right. */
export interface Scheduled {
  /** Its name, and its words. */
  readonly argv: readonly [string, ...string[]];
  /** What `elastic run` is told in place of what the cell has. */
  readonly run: Pick<ElasticRun, 'policy' | 'budget' | 'threshold' | 'window'>;
  /** When it begins, in seconds of node1's clock. */
  readonly at: number;
}

/** What came of a program. */
export interface Ended {
  /** `ok`; or how it ended, and what home's kernel says of that. */
  readonly outcome: string;
  /** Sessions of this node that have ended by then. */
  readonly sessions: number;
}

/** Most virtual milliseconds for a program. */
const PROGRAM_MS = 25_000;

/** Between the beginnings of two programs, in seconds: the longest that one takes, and what its shells take to end. */
export const SLOT_SECONDS = 40;

const WAIT = 'read -r now rest </proc/uptime; exec sleep "$(awk "BEGIN { print $0 - $now }")"';
/** What home's kernel has said since it was asked last, and its counters. */
const REPORT = ['sh', '-c', 'dmesg -c; cat /proc/elasticos'] as const;
const STEPS = 4;

/** A plan that sets a cell's nodes up, and runs programs one after the other. */
export function planOfPrograms(
  { elastic }: Cell,
  { flows }: CellPlan,
  programs: readonly Scheduled[],
): CellPlan {
  if (elastic === undefined) throw new Error('nothing of the cell is stretched');
  const measuring = programs.flatMap(({ argv: [name, ...words], run, at }) => {
    const program = elasticCommand({ ...elastic, ...run }, [`${SCRIPTS}/${name}`, ...words]);
    return [
      planned(['sh', '-c', WAIT, String(at)], SLOT_SECONDS * 1e3 * (programs.length + 1)),
      planned(timed(program), PROGRAM_MS),
      planned(USAGE),
      planned(REPORT),
    ];
  });
  return { flows, measuring };
}

/** Indices of the steps of a plan that run its programs. */
export function programSteps({ flows, measuring }: CellPlan): readonly number[] {
  const first = flows.reduce((sum, { steps }) => sum + steps.length, 0);
  return Array.from({ length: measuring.length / STEPS }, (_, i) => first + i * STEPS + 1);
}

/**
 * Reads what came of the programs, in order.
 * @throws DeadlineError when one did not end, and what else ended the run
 */
export async function* readPrograms(
  script: readonly ScriptedCommand[],
  signal: AbortSignal,
): AsyncGenerator<Ended> {
  for (let i = 0; i + STEPS <= script.length; i += STEPS) {
    const answers: RemoteFinished[] = [];
    for (const { run } of script.slice(i, i + STEPS)) answers.push(await run(signal));
    yield endedOf(answers);
  }
}

function endedOf([wait, program, usage, report]: readonly RemoteFinished[]): Ended {
  if (wait?.code !== 0) throw new Error(`the program before took too long: ${wait?.stderr ?? ''}`);
  const said = report?.stdout ?? '';
  const sessions = Number(/^ended (\d+)$/m.exec(said)?.[1] ?? 0);
  if (program?.code === 0) return { outcome: 'ok', sessions };
  const signal = usage && usageOf({ answer: usage }, 1)?.signal;
  const how =
    signal === undefined
      ? `status ${String(program?.code)}: ${program?.stdout.trimEnd().split('\n').at(-1) ?? ''}`
      : `signal ${String(signal)}`;
  const reason = /elasticos: process \d+(?: killed)?: (.*)$/m.exec(said)?.[1];
  return { outcome: reason === undefined ? how : `${how}: ${reason}`, sessions };
}

function planned(argv: PlannedStep['argv'], deadlineMs = 10_000): CellPlan['measuring'][number] {
  const step = { node: 'node1', argv, env: {}, delayMs: 0, deadlineMs, onFailure: 'go-on' } as const;
  return { command: { purpose: 'workload', node: 1, argv, deadlineMs }, step };
}
