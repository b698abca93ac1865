// SPDX-License-Identifier: MIT
import test from 'ava';
import { completionScript } from '../../testbed/cli/command/completion-script.js';
import { COMMANDS } from '../../testbed/cli/commands.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';

/** What bash offers for the last of the words. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const ask = `
    eval "$SCRIPT"
    COMP_WORDS=(testbed "$@") COMP_CWORD=$# COMPREPLY=()
    _testbed
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { SCRIPT: completionScript('bash', COMMANDS) };
  const { stdout } = await systemProcesses.succeed(['bash', '-c', ask, 'bash', ...words], { env });
  return stdout.split('\n').filter((line) => line !== '');
}

test('the first word is a command', async (t) => {
  t.deepEqual(await offered('re'), ['replay', 'reboot', 'results']);
  t.is((await offered('')).length, COMMANDS.length);
});

test('a flag is one that the command has', async (t) => {
  t.deepEqual(await offered('up', '--no'), ['--nodes', '--no-flow', '--no-install']);
  t.deepEqual(await offered('logs', 'node1', '--f'), ['--follow']);
  t.deepEqual(await offered('logs', 'node1', '--nodes'), []);
});

test('anything else is left to the shell', async (t) => {
  t.deepEqual(await offered('run', 'scen'), []);
});

test('the script for fish has a line for each command and each flag', (t) => {
  const lines = completionScript('fish', COMMANDS).split('\n');
  t.is(lines.filter((line) => line.includes('__fish_use_subcommand')).length, COMMANDS.length);
  t.true(
    lines.includes(
      "complete -c testbed -n '__fish_seen_subcommand_from logs' -l follow -s f -d 'go on while it grows'",
    ),
  );
});
