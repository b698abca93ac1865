// SPDX-License-Identifier: MIT
import { ExitCode } from '../error/exit-code.js';
import { TestbedError } from '../error/testbed-error.js';
import type { ArgumentVector, Finished } from './process-runner.js';

/** Lines of output that an error carries. */
const EXCERPT_LINES = 20;

export class ProgramMissingError extends TestbedError {
  readonly code = 'E_PROGRAM_MISSING';
  readonly exitCode = ExitCode.Host;

  constructor(program: string, cause: unknown) {
    super(`${program} is not installed`, {
      nextStep: '`npx testbed doctor` says which Debian packages are missing.',
      cause,
    });
  }
}

export class ProgramFailedError extends TestbedError {
  readonly code = 'E_PROGRAM_FAILED';
  readonly exitCode = ExitCode.Host;
  readonly finished: Finished;

  constructor(argv: ArgumentVector, finished: Finished) {
    const how =
      finished.signal === undefined ? `with status ${String(finished.code)}` : `by ${finished.signal}`;
    super(`${argv[0]} ended ${how}: ${argv.join(' ')}`, {
      nextStep: 'The lines above are the last that it printed.',
      excerpt: lastLines(`${finished.stdout}\n${finished.stderr}`),
    });
    this.finished = finished;
  }
}

function lastLines(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-EXCERPT_LINES);
}
