// SPDX-License-Identifier: MIT
import { GLOBAL_FLAGS } from './command-line.js';
import type { Command, Flag } from './command.js';

/** Shells that completion scripts can be written for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

/** A script that completes commands and flags in a shell. It is made from the table of commands and asks nothing else. */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  switch (shell) {
    case 'bash':
      return bashScript(commands);
    case 'zsh':
      // zsh runs completion functions of bash.
      return ['autoload -U +X bashcompinit && bashcompinit', bashScript(commands)].join('\n');
    case 'fish':
      return fishScript(commands);
  }
}

function flagsOf({ flags }: Command): readonly (readonly [name: string, flag: Flag])[] {
  return Object.entries({ ...flags, ...GLOBAL_FLAGS });
}

function bashScript(commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  const branches = commands.map((command) => {
    const words = flagsOf(command).map(([name]) => `--${name}`);
    return `    ${command.name}) words=${quoted(words.join(' '))} ;;`;
  });
  return [
    '_testbed() {',
    '  local current=${COMP_WORDS[COMP_CWORD]} words=',
    `  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W ${quoted(names)} -- "$current")); return; fi`,
    // Anything else is a file or a node, which the shell completes as it does elsewhere.
    '  case $current in -*) ;; *) COMPREPLY=(); return ;; esac',
    '  case ${COMP_WORDS[1]} in',
    ...branches,
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '}',
    'complete -o default -F _testbed testbed',
  ].join('\n');
}

function fishScript(commands: readonly Command[]): string {
  return commands
    .flatMap((command) => [
      `complete -c testbed -n __fish_use_subcommand -f -a ${command.name} -d ${quoted(command.summary)}`,
      ...flagsOf(command).map(([name, flag]) => fishFlag(command.name, name, flag)),
    ])
    .join('\n');
}

function fishFlag(command: string, name: string, { type, short, summary }: Flag): string {
  const words = [
    `complete -c testbed -n '__fish_seen_subcommand_from ${command}' -l ${name}`,
    ...(short === undefined ? [] : [`-s ${short}`]),
    ...(type === 'string' ? ['-r'] : []),
    `-d ${quoted(summary)}`,
  ];
  return words.join(' ');
}

/** In single quotes; all three shells read this way of writing a quote itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
