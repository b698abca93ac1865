// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { TestbedError } from '../../base/error/testbed-error.js';

/** A size, bandwidth or duration that is not written as one. */
export class QuantityError extends TestbedError {
  readonly code = 'E_QUANTITY';
  readonly exitCode = ExitCode.InvalidInput;

  constructor(text: string, kind: string) {
    super(`${JSON.stringify(text)} is not ${kind}`, { nextStep: 'Write it that way and try again.' });
  }
}

/** A scenario that does not say something sensible; `problems` has everything that is wrong with it, a line each. */
export class ScenarioError extends TestbedError {
  readonly code = 'E_SCENARIO';
  readonly exitCode = ExitCode.InvalidInput;
  readonly problems: readonly string[];

  constructor(file: string, problems: readonly string[], nextStep = FIELDS) {
    const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`;
    super(`scenario ${file} has ${count}`, { nextStep, excerpt: problems });
    this.problems = problems;
  }
}

const FIELDS =
  'docs/scenarios.md explains every field; editors check them by scenarios/scenario.schema.json.';

/** There is no such file. */
export class ScenarioMissingError extends TestbedError {
  readonly code = 'E_SCENARIO_MISSING';
  readonly exitCode = ExitCode.InvalidInput;

  constructor(path: string, known: readonly string[], near: string | undefined) {
    const meant = near === undefined ? '' : `; did you mean ${near}?`;
    super(`there is no scenario ${path}${meant}`, { nextStep: `The project's own: ${known.join(', ')}.` });
  }
}

/** A plan of so many cells that no supervisor takes it. */
export class PlanTooLargeError extends TestbedError {
  readonly code = 'E_PLAN_TOO_LARGE';
  readonly exitCode = ExitCode.InvalidInput;

  constructor(file: string, size: string) {
    super(`scenario ${file} means ${size}, more than one run can have`, {
      nextStep: 'Ask for fewer repeats or seeds, or for some of the cells with --only.',
    });
  }
}

/** A plan without a cell. */
export class EmptyPlanError extends TestbedError {
  readonly code = 'E_PLAN_EMPTY';
  readonly exitCode = ExitCode.InvalidInput;

  constructor(file: string, only: string | undefined) {
    super(
      only === undefined ? `scenario ${file} has no cells` : `no cell of ${file} has "${only}" in its id`,
      {
        nextStep:
          only === undefined
            ? 'It describes machines only: `npx testbed up`. Cells come from systems, workloads and footprints.'
            : 'Ids look like nbd-swap/heap-sort/64M/r1.',
      },
    );
  }
}
