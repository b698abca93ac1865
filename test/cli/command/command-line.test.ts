// SPDX-License-Identifier: MIT
import test from 'ava';
import { findCommand, parseInvocation } from '../../../testbed/cli/command/command-line.js';
import { COMMANDS } from '../../../testbed/cli/commands.js';
import { commandHelp, overview } from '../../../testbed/cli/command/help.js';
import { UsageError } from '../../../testbed/cli/command/errors.js';

const up = findCommand(COMMANDS, 'up');

test('an unknown command is answered with the nearest one', (t) => {
  const error = t.throws(() => findCommand(COMMANDS, 'staus'), { instanceOf: UsageError });
  t.regex(error.message, /did you mean status/);
});

test('an unknown flag is answered with the nearest one', (t) => {
  const error = t.throws(() => parseInvocation(up, ['--memroy', '512M']), { instanceOf: UsageError });
  t.regex(error.message, /did you mean --memory/);
});

test('flags may stand anywhere, and what stands behind -- is not ours', (t) => {
  const exec = findCommand(COMMANDS, 'exec');
  const invocation = parseInvocation(exec, ['node1', '--name', 'other', '--', 'ls', '--json', 'a b', '']);
  t.deepEqual(invocation.positionals, ['node1']);
  t.is(invocation.text('name'), 'other');
  t.false(invocation.flag('json'));
  t.deepEqual(invocation.rest, ['ls', '--json', 'a b', '']);
});

test('a flag may be given several times where that means something', (t) => {
  const invocation = parseInvocation(up, ['--kernel-source', 'a=1', '--kernel-source=b=2']);
  t.deepEqual(invocation.texts('kernel-source'), ['a=1', 'b=2']);
});

test('too few and too many arguments are told apart', (t) => {
  const cp = findCommand(COMMANDS, 'cp');
  t.regex(t.throws(() => parseInvocation(cp, ['a'])).message, /lacks an argument/);
  t.regex(t.throws(() => parseInvocation(cp, ['a', 'b', 'c'])).message, /one argument too many: c/);
});

test('a flag without its value is a usage error', (t) => {
  t.throws(() => parseInvocation(up, ['--nodes']), { instanceOf: UsageError });
});

test('every command has help with an example, and the overview names them all', (t) => {
  const whole = overview(COMMANDS);
  for (const command of COMMANDS) {
    t.true(whole.includes(`  ${command.name} `), command.name);
    const help = commandHelp(command);
    t.true(help.includes(`example: npx testbed ${command.example}`));
    t.true(command.example.startsWith(command.name));
  }
});

test('flags of one name are of one kind in every command', (t) => {
  const kinds = new Map<string, string>();
  for (const command of COMMANDS) {
    for (const [name, { type }] of Object.entries(command.flags)) {
      t.is(kinds.get(name) ?? type, type, name);
      kinds.set(name, type);
    }
  }
});
