// SPDX-License-Identifier: MIT
import type { Context } from '../../../base/host/context.js';
import type { Finished, RunOptions } from '../../../base/process/process-runner.js';

/** What a git command is given in addition to its arguments. */
export type GitOptions = Pick<RunOptions, 'cwd' | 'input' | 'onLine' | 'keep' | 'env'>;

/** git on one repository, without the settings of the user or the machine, so that its answers depend on neither. */
export interface Git {
  /** Runs git, whatever its exit status. */
  run(arguments_: readonly string[], options?: GitOptions): Promise<Finished>;
  /** Standard output without the last newline. @throws ProgramFailedError */
  ask(arguments_: readonly string[], options?: GitOptions): Promise<string>;
}

/** Author and date of the testbed's commits. They are fixed, so that the same series gives the same commits. */
export const TESTBED_IDENTITY = {
  name: 'ElasticOS testbed',
  email: 'testbed@localhost',
  /** The day of 2.6.38.8. */
  date: '2011-06-03T00:00:00Z',
} as const;

const ENVIRONMENT: Readonly<Record<string, string | undefined>> = {
  LC_ALL: 'C',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_DIR: undefined,
  GIT_WORK_TREE: undefined,
  GIT_INDEX_FILE: undefined,
  GIT_OBJECT_DIRECTORY: undefined,
  GIT_AUTHOR_NAME: TESTBED_IDENTITY.name,
  GIT_AUTHOR_EMAIL: TESTBED_IDENTITY.email,
  GIT_AUTHOR_DATE: TESTBED_IDENTITY.date,
  GIT_COMMITTER_NAME: TESTBED_IDENTITY.name,
  GIT_COMMITTER_EMAIL: TESTBED_IDENTITY.email,
  GIT_COMMITTER_DATE: TESTBED_IDENTITY.date,
};

/** @param folder where git is run, unless a command says otherwise */
export function gitIn(
  context: Pick<Context, 'processes' | 'signal'>,
  folder: string,
  environment: Readonly<Record<string, string | undefined>> = {},
): Git {
  // The user named the repository or the testbed made it, so its owner on disk does not matter.
  const argv = (rest: readonly string[]) => ['git', '-c', 'safe.directory=*', ...rest] as const;
  const settings = (options: GitOptions = {}): RunOptions => ({
    cwd: folder,
    signal: context.signal,
    ...options,
    env: { ...ENVIRONMENT, ...environment, ...options.env },
  });
  return {
    run: (rest, options) => context.processes.run(argv(rest), settings(options)),
    ask: async (rest, options) => {
      const { stdout } = await context.processes.succeed(argv(rest), settings(options));
      return stdout.replace(/\n$/, '');
    },
  };
}
