// SPDX-License-Identifier: MIT
import test from 'ava';
import { UsageError } from '../../testbed/cli/command/errors.js';
import { refuseSwallowedFlags } from '../../testbed/cli/npm-swallowed.js';

const FLAGS = new Map([
  ['nodes', 'string'],
  ['time', 'string'],
  ['kernel-source', 'string'],
  ['json', 'boolean'],
] as const);
const NPM = { npm_lifecycle_event: 'testbed', npm_command: 'run-script' };

test('npm run testbed up --nodes 3 names the line that works and starts nothing', (t) => {
  const error = t.throws(
    () => {
      refuseSwallowedFlags(FLAGS, ['up', '3'], { ...NPM, npm_config_nodes: 'true' });
    },
    { instanceOf: UsageError },
  );
  t.regex(error.message, /npm kept --nodes for itself/);
  t.is(error.nextStep, 'npx testbed up --nodes 3');
});

test('--time virtual behind a scenario finds its value again', (t) => {
  const error = t.throws(
    () => {
      refuseSwallowedFlags(FLAGS, ['run', 'scenarios/a.json', 'virtual'], {
        ...NPM,
        npm_config_time: 'true',
      });
    },
    { instanceOf: UsageError },
  );
  t.is(error.nextStep, 'npx testbed run scenarios/a.json --time virtual');
});

test('a value behind an equals sign comes back to its flag', (t) => {
  const error = t.throws(
    () => {
      refuseSwallowedFlags(FLAGS, ['up'], { ...NPM, npm_config_kernel_source: 'linux-6.1=/src' });
    },
    { instanceOf: UsageError },
  );
  t.is(error.nextStep, 'npx testbed up --kernel-source=linux-6.1=/src');
});

test('flags of npm that are off, and npx, are nothing to complain about', (t) => {
  t.notThrows(() => {
    refuseSwallowedFlags(FLAGS, ['up'], { ...NPM, npm_config_json: '' });
    refuseSwallowedFlags(FLAGS, ['up'], { npm_command: 'exec', npm_config_nodes: 'true' });
  });
});
