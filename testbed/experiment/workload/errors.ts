// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { TestbedError } from '../../base/error/testbed-error.js';

export class UnknownWorkloadError extends TestbedError {
  readonly code = 'E_UNKNOWN_WORKLOAD';
  readonly exitCode = ExitCode.InvalidInput;

  constructor(name: string, known: readonly string[]) {
    super(`there is no workload ${JSON.stringify(name)}`, {
      nextStep: `The workloads are ${known.join(', ')}.`,
    });
  }
}

/** A footprint that a workload's program does not take. */
export class FootprintError extends TestbedError {
  readonly code = 'E_FOOTPRINT';
  readonly exitCode = ExitCode.InvalidInput;

  constructor(workload: string, bytes: number, minimum: number, maximum: number) {
    super(`${workload} cannot have a footprint of ${bytes} bytes`, {
      nextStep: `Give it a whole number of bytes from ${minimum} to ${maximum}.`,
    });
  }
}

/** A workload ended well, but what it printed is not its report. */
export class WorkloadOutputError extends TestbedError {
  readonly code = 'E_WORKLOAD_OUTPUT';
  readonly exitCode = ExitCode.CellFailed;

  constructor(problem: string, output: string, cause?: unknown) {
    super(`a workload's report is wrong: ${problem}`, {
      nextStep: 'Look at the lines above; a program of another version than the testbed can be the reason.',
      excerpt: output.split('\n').slice(0, 5),
      cause,
    });
  }
}

/** The expected checksum could not be computed on this host. */
export class OracleError extends TestbedError {
  readonly code = 'E_ORACLE';
  readonly exitCode = ExitCode.Host;

  constructor(what: string, excerpt: readonly string[], cause?: unknown) {
    super(`the expected checksum of ${what} could not be computed`, {
      nextStep:
        'It takes about as much memory as the footprint, twice for sorts: see how much is free on this host.',
      excerpt,
      cause,
    });
  }
}
