// SPDX-License-Identifier: MIT
import type { ArgumentVector } from '../../base/process/process-runner.js';
import type { WorkloadRun } from './workload.js';

/** Where images put the programs of guests/workloads. */
export const PROGRAM_FOLDER = '/usr/lib/testbed/workloads';

/** Exit statuses of the programs, after sysexits(3). */
export const ProgramExit = {
  Ok: 0,
  /** The command line is wrong. */
  Usage: 64,
  /** The memory could not be mapped. A program that the OOM killer ends, ends by SIGKILL instead. */
  OutOfMemory: 71,
  /** The report could not be written. */
  OutputFailed: 74,
} as const;

/** The program's command line in a guest. */
export function programCommand(run: WorkloadRun, folder: string = PROGRAM_FOLDER): ArgumentVector {
  return [`${folder}/${run.workload}`, '--bytes', String(run.bytes), '--seed', String(run.seed)];
}
