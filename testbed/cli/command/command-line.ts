// SPDX-License-Identifier: MIT
import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { Command, Flag, Invocation } from './command.js';
import { UsageError } from './errors.js';
import { nearest } from '../../base/error/nearest.js';

/** Flags that every command has. */
export const GLOBAL_FLAGS: Readonly<Record<string, Flag>> = {
  help: { type: 'boolean', short: 'h', summary: 'show this help' },
  json: { type: 'boolean', summary: 'print the answer as JSON on standard output' },
  name: { type: 'string', value: 'NAME', summary: 'which testbed (default: default)' },
  offline: { type: 'boolean', summary: 'never touch the network' },
};

/** @throws UsageError for an unknown command, with the nearest one */
export function findCommand(commands: readonly Command[], name: string): Command {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const near = nearest(
    name,
    commands.map((command) => command.name),
  );
  throw new UsageError(
    `there is no command ${name}${near === undefined ? '' : `; did you mean ${near}?`}`,
    'npx testbed --help',
  );
}

/** @throws UsageError for unknown flags (with the nearest), missing values and too few or many arguments */
export function parseInvocation(command: Command, argv: readonly string[]): Invocation {
  const flags = { ...GLOBAL_FLAGS, ...command.flags };
  const end = argv.indexOf('--');
  const own = end === -1 ? argv : argv.slice(0, end);
  const rest = end === -1 ? [] : argv.slice(end + 1);
  const { values, positionals } = parse(command, flags, own);
  checkCount(command, positionals, values['help'] === true);
  return {
    positionals,
    rest,
    flag: (name) => values[name] === true,
    text: (name) => {
      const value = values[name];
      return typeof value === 'string' ? value : undefined;
    },
    texts: (name) => {
      const value = values[name];
      return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
    },
  };
}

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

function parse(
  command: Command,
  flags: Readonly<Record<string, Flag>>,
  argv: readonly string[],
): { values: Values; positionals: readonly string[] } {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, flag] of Object.entries(flags)) {
    options[name] = {
      type: flag.type,
      ...(flag.short === undefined ? {} : { short: flag.short }),
      ...(flag.multiple === undefined ? {} : { multiple: flag.multiple }),
    };
  }
  rejectUnknown(command, flags, argv);
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (thrown) {
    const message = thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : String(thrown);
    throw new UsageError(message, `npx testbed ${command.name} --help`);
  }
}

/** parseArgs says that a flag is unknown, but not which flag is similar. */
function rejectUnknown(
  command: Command,
  flags: Readonly<Record<string, Flag>>,
  argv: readonly string[],
): void {
  for (const word of argv) {
    if (!word.startsWith('--')) continue;
    const name = word.slice(2).split('=', 1)[0] ?? '';
    if (Object.hasOwn(flags, name) || name === '') continue;
    const near = nearest(name, Object.keys(flags));
    throw new UsageError(
      `testbed ${command.name} has no flag --${name}${near === undefined ? '' : `; did you mean --${near}?`}`,
      `npx testbed ${command.name} --help`,
    );
  }
}

function checkCount(command: Command, positionals: readonly string[], helpOnly: boolean): void {
  const [fewest, most] = command.positionals;
  if (helpOnly || (positionals.length >= fewest && positionals.length <= most)) return;
  const what =
    positionals.length < fewest
      ? 'lacks an argument'
      : `has one argument too many: ${positionals[most] ?? ''}`;
  throw new UsageError(`testbed ${command.name} ${what}`, `usage: npx testbed ${command.usage}`);
}
