// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { ESLint, type Linter } from 'eslint';
import { projectRoot } from '../../testbed/base/host/paths.js';
import { complaintsOf } from './complaints.js';

interface House {
  readonly wings: readonly {
    readonly name: string;
    readonly folders: readonly { readonly name: string }[];
  }[];
}

const { wings } = JSON.parse(await readFile(join(projectRoot(), 'testbed', 'house.json'), 'utf8')) as House;
const order = wings.flatMap(({ name: wing, folders }) => folders.map(({ name }) => ({ wing, name })));

const complaints = async (folder: string, text: string): Promise<readonly Linter.LintMessage[]> =>
  complaintsOf('house/walls', `${folder}/trial.ts`, text);

/** An import of something in `to`, as a file of `from` would write it. */
function importOf(from: string, to: string): string {
  const up = '../'.repeat(from.split('/').length);
  return `import type { Trial } from '${up}${to}/trial.js';\n`;
}

test('the rules are in force for every file of testbed/', async (t) => {
  const eslint = new ESLint({ cwd: projectRoot() });
  for (const { name } of order) {
    const config = (await eslint.calculateConfigForFile(
      join(projectRoot(), 'testbed', name, 'trial.ts'),
    )) as Linter.Config;
    for (const rule of ['house/walls', 'house/names'])
      t.is([config.rules?.[rule]].flat()[0], 2, `${rule} in ${name}`);
  }
});

for (const [i, { wing, name }] of order.entries()) {
  const below = order[i + 1];
  if (below === undefined) continue;
  const wall = below.wing === wing ? `inside ${wing}` : `between ${wing} and ${below.wing}`;
  test(`a wall ${wall}: ${name} may not import ${below.name}, but the other way is open`, async (t) => {
    const [complaint, ...more] = await complaints(name, importOf(name, below.name));
    t.deepEqual(more, []);
    t.is(complaint?.ruleId, 'house/walls');
    for (const part of [name, below.name, wing, below.wing, 'Move what both need'])
      t.true(complaint?.message.includes(part), `${part} is not in: ${complaint?.message ?? 'nothing'}`);
    t.deepEqual(await complaints(below.name, importOf(below.name, name)), []);
  });
}

test('exports and dynamic imports are imports too', async (t) => {
  for (const text of [
    "export * from '../../supervisor/client.js';\n",
    "export { ask } from '../../supervisor/client.js';\n",
    "void import('../../supervisor/client.js');\n",
  ])
    t.is((await complaints('base/clock', text)).length, 1, text);
});

test('testbed/ imports nothing of test/', async (t) => {
  const [complaint] = await complaints('cli', "import '../../test/run/tally.js';\n");
  t.regex(complaint?.message ?? '', /what runs may not need what tests it/);
});

test('a folder that the table does not have is told to get a line there', async (t) => {
  const [complaint] = await complaints('attic', 'export const x = 1;\n');
  t.regex(complaint?.message ?? '', /testbed\/attic has no place\. Give it a line in testbed\/house\.json/);
  const [importing] = await complaints('cli', "import '../attic/x.js';\n");
  t.regex(importing?.message ?? '', /testbed\/attic has no place/);
});
