// SPDX-License-Identifier: MIT
import type { Flag } from './command/command.js';
import { UsageError } from './command/errors.js';

/**
 * `npm run testbed up --nodes 3` arrives as `up 3`: npm keeps every flag before a `--` and sets npm_config_nodes=true
 * instead. To run that would not be what was asked, so the error says which line works.
 * @throws UsageError when npm has kept a flag of the testbed
 */
export function refuseSwallowedFlags(
  flags: ReadonlyMap<string, Flag['type']>,
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
): void {
  if (environment['npm_lifecycle_event'] !== 'testbed' || environment['npm_command'] !== 'run-script') return;
  const swallowed = [...flags.keys()].filter((flag) => kept(flag, environment));
  if (swallowed.length === 0) return;
  throw new UsageError(
    `npm kept ${swallowed.map((flag) => `--${flag}`).join(', ')} for itself; nothing was started`,
    `npx testbed ${respelled(swallowed, flags, argv, environment).join(' ')}`,
  );
}

function configured(flag: string, environment: NodeJS.ProcessEnv): string {
  // npm writes a flag's dashes as underscores.
  return environment[`npm_config_${flag.replaceAll('-', '_')}`] ?? '';
}

/** npm's own settings are empty or `false` when they were not given. */
function kept(flag: string, environment: NodeJS.ProcessEnv): boolean {
  return !['', 'false', 'null'].includes(configured(flag, environment));
}

/**
 * The command line as it was meant. `--nodes=3` has arrived as 3. `--nodes 3` has arrived as `true`, with the 3 as the
 * last argument.
 */
function respelled(
  swallowed: readonly string[],
  flags: ReadonlyMap<string, Flag['type']>,
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
): readonly string[] {
  const lost = swallowed.filter(
    (flag) => flags.get(flag) === 'string' && configured(flag, environment) === 'true',
  );
  const split = Math.max(1, argv.length - lost.length);
  const values = argv.slice(split);
  const spelled = swallowed.map((flag) => {
    if (lost.includes(flag)) return `--${flag} ${values.shift() ?? 'VALUE'}`;
    return configured(flag, environment) === 'true'
      ? `--${flag}`
      : `--${flag}=${configured(flag, environment)}`;
  });
  return [...argv.slice(0, split), ...spelled];
}
