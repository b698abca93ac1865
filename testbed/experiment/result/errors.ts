// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { TestbedError } from '../../base/error/testbed-error.js';

/** A name matches no run, or more than one. */
export class RunNotFoundError extends TestbedError {
  readonly code = 'E_RUN_NOT_FOUND';
  readonly exitCode = ExitCode.InvalidInput;

  constructor(name: string, candidates: readonly string[]) {
    super(
      candidates.length === 0
        ? `there is no run ${name}`
        : `${name} can be any of ${candidates.length} runs: ${candidates.join(', ')}`,
      { nextStep: '`npx testbed results list` shows all runs; `latest` is the newest.' },
    );
  }
}

/** A file of a run does not fit its schema. */
export class ResultInvalidError extends TestbedError {
  readonly code = 'E_RESULT_INVALID';
  readonly exitCode = ExitCode.InvalidInput;

  constructor(file: string, problems: readonly string[]) {
    super(`${file} is no valid result`, {
      nextStep:
        'It was written by another version of the testbed, or edited; testbed/experiment/result/schema/ says what it should be.',
      excerpt: problems,
    });
  }
}

/** A run cannot be resumed with other inputs than it was begun with. */
export class RunMismatchError extends TestbedError {
  readonly code = 'E_RUN_MISMATCH';
  readonly exitCode = ExitCode.InvalidInput;

  constructor(run: string, differences: readonly string[]) {
    super(`run ${run} cannot be resumed: ${differences.join('; ')}`, {
      nextStep: 'Its cells would not compare. Start a new run, or go back to the inputs of this one.',
    });
  }
}

/** Runs in wall time and in virtual time measure different things. */
export class RunTimesDifferError extends TestbedError {
  readonly code = 'E_RUN_TIMES_DIFFER';
  readonly exitCode = ExitCode.InvalidInput;

  constructor(wall: string, virtual: string) {
    super(`run ${wall} is in wall time and run ${virtual} in virtual time; they do not compare`, {
      nextStep:
        '`npx testbed run SCENARIO --time virtual` makes a run in virtual time, `--time wall` one in wall time.',
    });
  }
}
