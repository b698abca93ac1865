// SPDX-License-Identifier: MIT
import { withNumberedSignal } from '../../machines/ssh/numbered-signal.js';
import type { RemoteFinished } from '../../machines/ssh/session.js';
import type { TrialRecord } from '../result/cell-record.js';
import type { Trials } from '../scenario/plan.js';
import { elasticCommand, parseEndedReason, READ_COUNTERS } from './elastic.js';
import { outputOf, type Reading, type Readings } from './readings.js';
import type { MeasuringCommand } from './script.js';

/*
 * What follows the workload on the machines of a cell with trials. A program that checks its own memory and registers
 * (guests/elastic/trials/selfcheck.c) is pushed away, pulled back, and jumps. Then it loses a node.
 */

/** Pages of the program, twice what it may have at home. */
const PAGES = 2048;
const BUDGET = 4 * 2 ** 20;

/** After so many visits of a page it changes its address space. */
const VISITS_BETWEEN_CALLS = 512;

const CHECK_DEADLINE_MS = 60_000;

/** A run of the self-checking program. */
interface SelfCheck {
  readonly policy: 'adaptive' | 'sticky';
  /** Visits of each page, and their order. */
  readonly rounds: number;
  readonly pattern: 'seq' | 'random' | 'halves';
  /** Counters of the module that have to have grown. */
  readonly grown: readonly string[];
  /** Those that must not. */
  readonly still: readonly string[];
}

const SELF_CHECKS = {
  push: { policy: 'sticky', rounds: 1, pattern: 'seq', grown: ['pushed_pages'], still: ['jumps_out'] },
  pull: { policy: 'sticky', rounds: 2, pattern: 'random', grown: ['pulled_pages'], still: ['jumps_out'] },
  jump: { policy: 'adaptive', rounds: 4, pattern: 'halves', grown: ['jumps_out', 'jumps_in'], still: [] },
} as const satisfies Readonly<Record<string, SelfCheck>>;

type SelfCheckName = keyof typeof SELF_CHECKS;

const SELF_CHECK_NAMES = Object.keys(SELF_CHECKS) as SelfCheckName[];

/** Of records, in order. */
export const TRIAL_NAMES: readonly string[] = [...SELF_CHECK_NAMES, 'loss'];

export type TrialPurpose = SelfCheckName | 'losing' | 'loss' | 'loss-reason';

/** All of them, in the order of the script. */
export const TRIAL_PURPOSES: readonly TrialPurpose[] = [...SELF_CHECK_NAMES, 'losing', 'loss', 'loss-reason'];

/** Seconds until the process that is to lose a node has pages there. */
const STRETCHED_SECONDS = 1;

/** A process has to end within so many leases after the loss. */
const LEASES = 1.5;

/** For ssh to tell of the end, in milliseconds. */
const TELLING_MS = 500;

/** Takes the node off the network a little later. Its shell must not wait for that. */
const LOSE = `(sleep ${STRETCHED_SECONDS}; ip link set eth0 down) </dev/null >/dev/null 2>&1 &`;

/** The commands of the trials, which are the last of a cell's script: afterwards node2 cannot be reached. */
export function trialCommands({ leaseSeconds }: Trials): readonly MeasuringCommand[] {
  const endless = { policy: 'sticky', rounds: 1_000_000, pattern: 'random' } as const;
  const deadlineMs = (STRETCHED_SECONDS + LEASES * leaseSeconds) * 1000 + TELLING_MS;
  return [
    ...SELF_CHECK_NAMES.map((purpose) => ({
      purpose,
      node: 1,
      argv: selfCheck(SELF_CHECKS[purpose]),
      deadlineMs: CHECK_DEADLINE_MS,
    })),
    { purpose: 'losing', node: 2, argv: ['sh', '-c', LOSE] },
    { purpose: 'loss', node: 1, argv: selfCheck(endless), deadlineMs },
    { purpose: 'loss-reason', node: 1, argv: READ_COUNTERS },
  ];
}

function selfCheck({
  policy,
  rounds,
  pattern,
}: Pick<SelfCheck, 'policy' | 'rounds' | 'pattern'>): MeasuringCommand['argv'] {
  const run = { policy, budget: BUDGET, nodes: 2, threshold: 8, window: 32 } as const;
  const words = [PAGES, rounds, pattern, VISITS_BETWEEN_CALLS].map(String);
  return withNumberedSignal(elasticCommand(run, ['selfcheck', ...words]));
}

/** What came of each trial. */
export function readTrials(readings: Readings): readonly TrialRecord[] {
  return [
    ...SELF_CHECK_NAMES.map((name) => {
      const reading = readings.one(name);
      return trialRecord(name, reading, selfCheckTrouble(SELF_CHECKS[name], reading));
    }),
    trialRecord('loss', readings.one('loss'), lossTrouble(readings)),
  ];
}

/** The record of something that was tried. */
export function trialRecord(name: string, { askedAt }: Reading, reason: string | undefined): TrialRecord {
  const fromNanoseconds = Math.round(askedAt * 1e6);
  return { name, fromNanoseconds, ...(reason === undefined ? {} : { reason }) };
}

function selfCheckTrouble({ grown, still }: SelfCheck, { answer }: Reading): string | undefined {
  if (answer === undefined) return `the program did not end within ${CHECK_DEADLINE_MS / 1000} s`;
  if (answer.code !== 0) return complaintOf(answer);
  const counted = (name: string): number =>
    Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(answer.stderr)?.[1] ?? 0);
  const idle = grown.find((name) => counted(name) === 0);
  if (idle !== undefined) return `nothing was tried: the module counted no ${idle}`;
  const moved = still.find((name) => counted(name) > 0);
  return moved && `the module counted ${counted(moved)} ${moved}, and there was to be none`;
}

/** The first line of either stream; the program tells of a wrong byte on standard output. */
function complaintOf({ code, stdout, stderr }: RemoteFinished): string {
  const [line = ''] = [stdout, stderr]
    .join('\n')
    .split('\n')
    .filter((text) => text !== '');
  return `the program ended with status ${String(code)}${line === '' ? '' : `: ${line}`}`;
}

/** The process may not go on without its pages, and somebody has to have said why it did not. */
function lossTrouble(readings: Readings): string | undefined {
  const { answer, command } = readings.one('loss');
  if (answer === undefined)
    return `the process had not ended ${(command.deadlineMs ?? 0) / 1000} s after its start, though its node was lost`;
  if (answer.code === 0) return 'the process ended well, though its node was lost';
  const reason = parseEndedReason(outputOf(readings.one('loss-reason')).stdout);
  if (reason?.startsWith('node 1 is lost') === true) return undefined;
  return `${complaintOf(answer)}; the module gives as the reason: ${reason ?? 'none'}`;
}
