// SPDX-License-Identifier: MIT
import test from 'ava';
import { projectRoot } from '../../../../testbed/base/host/paths.js';
import { LineInvalidError, UnknownLineError } from '../../../../testbed/products/kernel/line/errors.js';
import { listLines, loadLine } from '../../../../testbed/products/kernel/line/line.js';
import { readSeries, rewriteSeries } from '../../../../testbed/products/kernel/series/series.js';
import { testProject } from '../project.js';

test("this project's own lines are whole", async (t) => {
  const paths = { project: projectRoot() };
  const lines = await listLines(paths);
  t.deepEqual(lines, ['linux-2.6.38.8', 'linux-6.1']);
  for (const id of lines) {
    const line = await loadLine(paths, id);
    await t.notThrowsAsync(readSeries(line));
  }
});

test('an unknown line is answered with those that there are', async (t) => {
  const { context, line } = await testProject(t);
  await line({ id: 'linux-1.2' });
  const error = await t.throwsAsync(loadLine(context.paths, 'linux-1.3'), { instanceOf: UnknownLineError });
  t.is(error.nextStep, 'The lines are: linux-1.2.');
});

test('everything wrong with a definition is said at once, with its place and what is allowed', async (t) => {
  const { line } = await testProject(t);
  const wrong = { title: '', config: { base: 'defconfig', apply: 'merge-config' }, colour: 'red' };
  const error = await t.throwsAsync(line(wrong as object), { instanceOf: LineInvalidError });
  t.deepEqual([...error.excerpt].sort(), [
    '/colour is "red"; there is no such field; allowed: id, version, title, source, config, make, debianPackages, localVersion, objects, image',
    '/config/base is "defconfig"; allowed: allnoconfig, tinyconfig',
    '/title is ""; must NOT have fewer than 1 characters',
  ]);
  t.is(error.exitCode, 3);
});

test('a definition that is no JSON is an error, not a crash', async (t) => {
  const { context, line, write } = await testProject(t);
  await line({});
  await write('kernel-patches/linux-test', { 'line.json': '{' });
  await t.throwsAsync(loadLine(context.paths, 'linux-test'), { instanceOf: LineInvalidError });
});

test('a patch of the series that is not there is named', async (t) => {
  const { line, write } = await testProject(t);
  const defined = await line({});
  await write('kernel-patches/linux-test', { series: '# a comment\ngone.patch # why\n\n' });
  await t.throwsAsync(readSeries(defined), { message: /gone\.patch is not in patches\// });
});

test('a series keeps its comments when patches come and go', (t) => {
  const series = '# All of it\n\n# It builds\na.patch\nb.patch # why\n\n# It runs\nc.patch\n\n#later.patch\n';
  t.is(rewriteSeries(series, ['a.patch', 'b.patch', 'c.patch']), series);
  t.is(
    rewriteSeries(series, ['b.patch', 'new.patch', 'c.patch', 'last.patch']),
    '# All of it\n\n# It builds\nb.patch # why\nnew.patch\n\n# It runs\nc.patch\nlast.patch\n\n#later.patch\n',
  );
  t.is(rewriteSeries('# None yet\n', []), '# None yet\n');
});
