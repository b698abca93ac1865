// SPDX-License-Identifier: MIT
import test from 'ava';
import { COMMANDS } from '../../testbed/cli/commands.js';
import { help } from '../../testbed/cli/help-topics.js';

test('help names all commands, and topics each of which is a page', async (t) => {
  const [commands = '', topics = ''] = (await help(COMMANDS, [])).split('help TOPIC shows');
  for (const { name } of COMMANDS) t.regex(commands, new RegExp(`^  ${name} `, 'm'));
  const names = [...topics.matchAll(/^ {2}(\S+) /gm)].map(([, name = '']) => name);
  t.true(names.length > 5);
  for (const name of names) t.regex(await help(COMMANDS, [name]), /^# \w/, name);
});

test('help of a command is what its --help says', async (t) => {
  t.regex(await help(COMMANDS, ['exec']), /^usage: npx testbed exec NODE/m);
});
