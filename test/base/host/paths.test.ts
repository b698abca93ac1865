// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import { userInfo } from 'node:os';
import test from 'ava';
import { projectRoot, systemPaths } from '../../../testbed/base/host/paths.js';

const uid = String(process.getuid?.() ?? 0);

test('places follow HOME, the base directories and variables of our own, from the last to the first', (t) => {
  t.is(systemPaths({ HOME: '/h' }).state, '/h/.local/state/elasticos-testbed');
  t.is(systemPaths({ HOME: '/h', XDG_STATE_HOME: '/s' }).state, '/s/elasticos-testbed');
  t.is(systemPaths({ HOME: '/h', XDG_STATE_HOME: '/s', TESTBED_STATE: '/own' }).state, '/own');
});

test('a variable that is empty is unset, and a base directory that is relative is ignored', (t) => {
  const home = userInfo().homedir;
  const empty = { HOME: '', XDG_STATE_HOME: '', XDG_CACHE_HOME: '', XDG_RUNTIME_DIR: '', TMPDIR: '' };
  const own = { TESTBED_STATE: '', TESTBED_CACHE: '', TESTBED_RUNTIME: '', TESTBED_RESULTS: '' };
  t.like(systemPaths({ ...empty, ...own }), {
    state: join(home, '.local/state/elasticos-testbed'),
    cache: join(home, '.cache/elasticos-testbed'),
    runtime: `/tmp/elasticos-testbed-${uid}`,
    results: join(projectRoot(), 'results'),
  });
  t.is(systemPaths({ HOME: '/h', XDG_CACHE_HOME: 'here' }).cache, '/h/.cache/elasticos-testbed');
});

test('sockets go where their paths are short enough', (t) => {
  const long = `/${'x'.repeat(80)}`;
  t.is(systemPaths({ XDG_RUNTIME_DIR: '/run/user/7' }).runtime, `/run/user/7/elasticos-testbed-${uid}`);
  t.is(systemPaths({ XDG_RUNTIME_DIR: long, TMPDIR: '/t' }).runtime, `/t/elasticos-testbed-${uid}`);
  t.is(systemPaths({ XDG_RUNTIME_DIR: long, TMPDIR: long }).runtime, `/tmp/elasticos-testbed-${uid}`);
});
