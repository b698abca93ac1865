// SPDX-License-Identifier: MIT
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { projectRoot } from '../../testbed/base/host/paths.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import { temporaryFolder } from '../products/image/test-context.js';

const READING = ['list', 'status', 'results', 'cache', 'logs node1', 'ssh-config', 'exec node1 -- true'];

test('commands that only read make nothing in a home that is empty', async (t) => {
  const home = await temporaryFolder(t);
  const env = { HOME: home, TESTBED_RUNTIME: join(home, 'run'), TESTBED_RESULTS: join(home, 'results') };
  const launcher = join(projectRoot(), 'testbed', 'cli', 'launch.mjs');
  await Promise.all(
    READING.map(async (line) => {
      const { code } = await systemProcesses.run([process.execPath, launcher, ...line.split(' ')], { env });
      t.not(code, 70, line);
    }),
  );
  t.deepEqual(await readdir(home), []);
});
