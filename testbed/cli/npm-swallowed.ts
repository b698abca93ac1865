// SPDX-License-Identifier: MIT
import { UsageError } from './errors.js';

/**
 * `npm run testbed up --nodes 3` hands us `up 3`: npm keeps every flag that stands before a `--` and sets
 * npm_config_nodes=true instead. Running that would do something else than was asked, so we say which line works.
 * @throws UsageError when npm has kept one of our flags
 */
export function refuseSwallowedFlags(
  flags: ReadonlySet<string>,
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
): void {
  if (environment['npm_lifecycle_event'] !== 'testbed' || environment['npm_command'] !== 'run-script') return;
  const swallowed = [...flags].filter((flag) => kept(flag, environment));
  if (swallowed.length === 0) return;
  const list = swallowed.map((flag) => `--${flag}`).join(', ');
  throw new UsageError(
    `npm kept ${list} for itself; nothing was started`,
    `npx testbed ${[...argv, ...swallowed.map((flag) => spelled(flag, environment))].join(' ')}`,
  );
}

/** npm writes a flag's dashes as underscores; settings of its own that nobody gave are empty or `false`. */
function kept(flag: string, environment: NodeJS.ProcessEnv): boolean {
  const value = environment[`npm_config_${flag.replaceAll('-', '_')}`];
  return value !== undefined && value !== '' && value !== 'false' && value !== 'null';
}

/** `--nodes=3` arrives as `3`; `--nodes 3` as `true`, with the 3 left among our arguments. */
function spelled(flag: string, environment: NodeJS.ProcessEnv): string {
  const value = environment[`npm_config_${flag.replaceAll('-', '_')}`] ?? '';
  return value === 'true' ? `--${flag}` : `--${flag}=${value}`;
}
