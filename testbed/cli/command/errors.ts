// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { TestbedError } from '../../base/error/testbed-error.js';

/** The command line is not valid. */
export class UsageError extends TestbedError {
  readonly code = 'E_USAGE';
  readonly exitCode = ExitCode.Usage;

  constructor(message: string, nextStep: string) {
    super(message, { nextStep });
  }
}
