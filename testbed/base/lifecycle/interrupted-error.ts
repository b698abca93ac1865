// SPDX-License-Identifier: MIT
import { ExitCode } from '../error/exit-code.js';
import { TestbedError } from '../error/testbed-error.js';

/** The reason of an abort: Ctrl-C, SIGTERM, or a client that disconnected. */
export class InterruptedError extends TestbedError {
  readonly code = 'E_INTERRUPTED';
  readonly exitCode: ExitCode;

  constructor(readonly by: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'client') {
    super(by === 'client' ? 'the command that asked for this has gone' : `interrupted by ${by}`, {
      nextStep: 'Everything that was started has been ended; finished cells are kept (`run --resume`).',
    });
    this.exitCode = by === 'SIGTERM' ? ExitCode.Terminated : ExitCode.Interrupted;
  }
}
