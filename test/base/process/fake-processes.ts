// SPDX-License-Identifier: MIT
import { ProgramFailedError } from '../../../testbed/base/process/errors.js';
import type {
  ArgumentVector,
  Finished,
  ProcessRunner,
  RunOptions,
} from '../../../testbed/base/process/process-runner.js';

/** Programs that answer what a test says; the one place where the testbed's tests fake anything. */
export function fakeProcesses(
  answer: (argv: ArgumentVector, options: RunOptions | undefined) => Partial<Finished>,
): ProcessRunner {
  const run: ProcessRunner['run'] = async (argv, options) =>
    Promise.resolve({ stdout: '', stderr: '', code: 0, signal: undefined, ...answer(argv, options) });
  return {
    run,
    succeed: async (argv, options) => {
      const finished = await run(argv, options);
      if (finished.code !== 0) throw new ProgramFailedError(argv, finished);
      return finished;
    },
    start: async (argv) => Promise.reject(new Error(`no test starts ${argv[0]}`)),
  };
}
