// SPDX-License-Identifier: MIT
import { GLOBAL_FLAGS } from './command-line.js';
import type { Command, Flag } from './command.js';

export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  return [
    'ElasticOS testbed: emulated machines, patched kernels, one network, checked results',
    '',
    'usage: npx testbed COMMAND [ARGUMENT...] [--FLAG...]',
    '',
    ...commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    '',
    'npx testbed COMMAND --help says more about each, npx testbed help more about scenarios, results,',
    'exit codes and others. First step: npx testbed up',
  ].join('\n');
}

export function commandHelp(command: Command): string {
  return [
    command.summary,
    '',
    `usage: npx testbed ${command.usage}`,
    ...(command.details === undefined ? [] : ['', ...command.details]),
    '',
    ...flagLines({ ...command.flags, ...GLOBAL_FLAGS }),
    '',
    `example: npx testbed ${command.example}`,
  ].join('\n');
}

function flagLines(flags: Readonly<Record<string, Flag>>): readonly string[] {
  const rows = Object.entries(flags).map(([name, flag]) => ({
    left: `${flag.short === undefined ? '' : `-${flag.short}, `}--${name}${flag.type === 'string' ? ` ${flag.value ?? 'VALUE'}` : ''}`,
    summary: flag.summary,
  }));
  const width = Math.max(...rows.map((row) => row.left.length));
  return rows.map((row) => `  ${row.left.padEnd(width)}  ${row.summary}`);
}
