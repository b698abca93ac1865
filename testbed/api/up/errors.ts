// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { TestbedError } from '../../base/error/testbed-error.js';

/** A testbed of that name is up, and belongs to whoever brought it up. */
export class AlreadyUpError extends TestbedError {
  readonly code = 'E_ALREADY_UP';
  readonly exitCode = ExitCode.Busy;

  constructor(name: string) {
    super(`testbed ${name} is up already`, {
      nextStep: `Attach to it, end it with \`npx testbed down --name ${name}\`, or take another name.`,
    });
  }
}
