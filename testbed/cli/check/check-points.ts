// SPDX-License-Identifier: MIT
import type { CellRecord } from '../../experiment/result/cell-record.js';
import type { Run } from '../../experiment/result/load-run.js';
import { TRIAL_NAMES } from '../../experiment/run/trials.js';
import type { Cell } from '../../experiment/scenario/plan.js';
import { instantText } from '../../virtual-time/guest-log.js';
import { LAST_WORDS_NS } from '../../virtual-time/virtual-run.js';

/** One of the things that a check checks. */
export interface Point {
  readonly name: string;
  /** Why it is not ok, a line each. */
  readonly trouble?: readonly string[];
  /** Why it was not tried. */
  readonly skipped?: string;
}

/** What a check says when the build fails. */
export const BUILD = 'build';

const BOOT = 'two nodes boot';
const SET_UP = 'they are set up to stretch processes';
const CONSOLES = 'the consoles have no report of a kernel';

/** The points of a run of scenarios/check.json, in order. A point that failed names the command that repeats it in gdb. */
export function checkPoints({ record, cells }: Pick<Run, 'record' | 'cells'>): readonly Point[] {
  const [{ cell, result } = { cell: undefined, result: undefined }] = cells;
  if (cell === undefined || result === undefined)
    throw new RangeError(`${record.id} has no cell that was run`);
  const names = [BOOT, SET_UP, cell.workload, ...TRIAL_NAMES, CONSOLES];
  const gdb = (node: string, atNs: number): string =>
    `npx testbed replay ${record.id} --gdb ${node} --at ${instantText(Math.max(0, atNs))}s`;
  const broken = brokenPoint(cell, result);
  if (broken !== undefined) return [{ name: BUILD }, ...upTo(names, broken, whyBroken(result, gdb))];
  const trials = new Map(result.measurement?.trials?.map((trial) => [trial.name, trial]));
  return [BUILD, ...names].map((name) => {
    const { reason, fromNanoseconds = 0 } = trials.get(name) ?? {};
    return reason === undefined ? { name } : { name, trouble: [reason, gdb('node1', fromNanoseconds)] };
  });
}

/** The point at which a run broke off. */
function brokenPoint(cell: Cell, { error, flows }: CellRecord): string | undefined {
  if (error === undefined) return undefined;
  if (error.code === 'E_BOOT') return BOOT;
  return flows.length < cell.flows.length ? SET_UP : CONSOLES;
}

/** With the command that stops at the kernel's report where there is one, or a second before the end. */
function whyBroken(
  { error, virtualTime }: CellRecord,
  gdb: (node: string, atNs: number) => string,
): readonly string[] {
  const { message = '', excerpt = [] } = error ?? {};
  const [node = 'node1'] = /\bnode\d+\b/.exec(message) ?? [];
  const end = virtualTime?.virtualNanoseconds;
  return [message, ...excerpt, ...(end === undefined ? [] : [gdb(node, end - LAST_WORDS_NS)])];
}

/** Each of the first points is a step to the next, and ok before the one that is broken. Nobody knows how others went. */
function upTo(names: readonly string[], broken: string, trouble: readonly string[]): readonly Point[] {
  const reached = broken === BOOT ? 0 : broken === SET_UP ? 1 : 2;
  return names.map((name, i) => {
    if (name === broken) return { name, trouble };
    return i < reached ? { name } : { name, skipped: 'the run broke off' };
  });
}
