// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { TestbedError } from '../../base/error/testbed-error.js';

/** Whoever read standard output or standard error has gone, such as `head`. Nothing is said about it. */
export class OutputClosedError extends TestbedError {
  readonly code = 'E_OUTPUT_CLOSED';
  readonly exitCode = ExitCode.OutputClosed;

  constructor(cause: unknown) {
    super('nobody reads the output any more', {
      nextStep: 'Everything that was started has been ended.',
      cause,
    });
  }
}

/** Standard output or standard error cannot be written, for example since the disk is full. */
export class OutputFailedError extends TestbedError {
  readonly code = 'E_OUTPUT';
  readonly exitCode = ExitCode.Host;

  constructor(cause: NodeJS.ErrnoException) {
    super(`the output cannot be written: ${outputTrouble(cause)}`, {
      nextStep: 'Make room, or send the output elsewhere.',
      cause,
    });
  }
}

function outputTrouble({ code, message }: NodeJS.ErrnoException): string {
  return code === 'ENOSPC' || code === 'EDQUOT' ? 'no space is left where it goes' : message;
}

/** The command line is not valid. */
export class UsageError extends TestbedError {
  readonly code = 'E_USAGE';
  readonly exitCode = ExitCode.Usage;

  constructor(message: string, nextStep: string) {
    super(message, { nextStep });
  }
}
