// SPDX-License-Identifier: MIT
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import * as api from 'elasticos-testbed';
import { projectRoot } from '../../testbed/base/host/paths.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import { temporaryFolder } from '../products/image/test-context.js';

test('the package gives Testbed by its name', (t) => {
  const testbed = new api.Testbed({ name: 'example' });
  t.is(testbed.name, 'example');
});

test('every error that it exports belongs to one hierarchy', (t) => {
  const errors = Object.entries(api).filter(([name]) => /(Error|Failed|Succeeded)$/.test(name));
  t.true(errors.length > 40);
  for (const [name, value] of errors)
    t.true(value === api.TestbedError || Object.prototype.isPrototypeOf.call(api.TestbedError, value), name);
});

test('what is internal cannot be imported', async (t) => {
  for (const path of [
    'dist/testbed/supervisor/client.js',
    'dist/testbed/api/testbed.js',
    'testbed/house.json',
  ]) {
    // A variable, so that the compiler does not refuse it first.
    const specifier = `elasticos-testbed/${path}`;
    await t.throwsAsync(
      async () => (await import(specifier)) as unknown,
      { code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' },
      path,
    );
  }
});

/** Uses what is read from the package's own files: scenarios and their schema, kernel lines, package.json. */
const SCRIPT = `
import { Testbed } from 'elasticos-testbed';
const testbed = new Testbed({ paths: { results: process.argv[2] } });
const plan = await testbed.plan('smoke', { only: 'count-sort' });
console.log(plan.cells.length, (await testbed.results.list()).length);
`;

test('what npm packs is whole: a script can use it, and so can the command line', async (t) => {
  const folder = await temporaryFolder(t);
  const root = projectRoot();
  const pack = ['npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', folder] as const;
  const { stdout } = await systemProcesses.succeed(pack, { cwd: root });
  const [packed] = JSON.parse(stdout) as { readonly filename: string }[];
  const modules = join(folder, 'node_modules');
  const installed = join(modules, 'elasticos-testbed');
  await mkdir(installed, { recursive: true });
  const tarball = join(folder, packed?.filename ?? '');
  await systemProcesses.succeed(['tar', '-xzf', tarball, '-C', installed, '--strip-components=1']);
  // Its dependencies, as npm would put them beside it.
  for (const name of await readdir(join(root, 'node_modules')))
    if (!name.startsWith('.')) await symlink(join(root, 'node_modules', name), join(modules, name));
  await writeFile(join(folder, 'script.mjs'), SCRIPT);
  const script = await systemProcesses.succeed([process.execPath, 'script.mjs', join(folder, 'results')], {
    cwd: folder,
  });
  t.is(script.stdout, '3 0\n');
  const launcher = join(installed, 'testbed', 'cli', 'launch.mjs');
  const help = await systemProcesses.succeed([process.execPath, launcher, '--help']);
  t.regex(help.stdout, /usage: npx testbed COMMAND/);
});
