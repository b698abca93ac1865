// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { TestbedError } from '../../base/error/testbed-error.js';

/** Something was asked for that no testbed can be or have. */
export class RequestError extends TestbedError {
  readonly code = 'E_REQUEST';
  readonly exitCode = ExitCode.Usage;

  constructor(message: string, nextStep: string) {
    super(message, { nextStep });
  }
}
