// SPDX-License-Identifier: MIT
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { projectRoot } from '../../testbed/base/host/paths.js';
import { kernelsAtHand } from './kernels-at-hand.js';
import { withoutElasticOS } from './stretched.js';
import { Tool } from './tool.js';

const POINTS = [
  'build',
  'two nodes boot',
  'they are set up to stretch processes',
  'linear-search',
  'push',
  'pull',
  'jump',
  'loss',
  'the consoles have no report of a kernel',
];

// One line is enough here. Pull requests are checked on both.
const [kernel] = kernelsAtHand('release').filter(
  ({ line, missing }) => missing === undefined && withoutElasticOS(line) === undefined,
);
const declare = kernel === undefined ? test.serial.skip : test.serial;

declare('a check of the module as it is has no point that failed', async (t) => {
  t.timeout(600_000);
  await using tool = await Tool.make();
  const { code, stdout, stderr } = await tool.run(['check', '--kernel', kernel?.line ?? '']);
  const [, run] = /^# \d+ s; results: (\S+)$/m.exec(stdout) ?? [];
  if (run !== undefined) t.teardown(async () => rm(join(projectRoot(), 'results', run), { recursive: true }));
  t.is(code, 0, `${stdout}${stderr}`);
  const results = stdout.split('\n').filter((text) => /^(not )?ok /.test(text));
  t.deepEqual(
    results,
    POINTS.map((name, i) => `ok ${i + 1} ${name}`),
  );
});
