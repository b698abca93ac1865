// SPDX-License-Identifier: MIT
import { access, mkdir, mkdtemp, copyFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { FlowInvalidError, UnknownFlowError } from '../../../testbed/machines/flow/errors.js';
import { flowNames, loadFlow } from '../../../testbed/machines/flow/load-flow.js';
import { projectRoot } from '../../../testbed/base/host/paths.js';

const project = projectRoot();

test('the flows of the project are there, and so are their scripts', async (t) => {
  const names = await flowNames({ project });
  t.deepEqual(names, ['disk-swap-dest', 'disk-swap-setup', 'nbd-setup', 'setup-dest', 'setup-src']);
  for (const name of names) {
    const flow = await loadFlow({ project }, name);
    for (const { script } of flow.steps) await t.notThrowsAsync(access(join(project, 'guests', script)));
  }
});

test('nbd-setup exports first and swaps then; setup-src keeps the delay that the original has', async (t) => {
  const nbd = await loadFlow({ project }, 'nbd-setup');
  t.deepEqual(
    nbd.steps.map(({ role, arguments: words }) => [role, ...words]),
    [
      ['memory', 'memory-node'],
      ['compute', 'compute-node'],
    ],
  );
  const source = await loadFlow({ project }, 'setup-src');
  t.is(source.steps[0]?.delayMs, 500);
  t.deepEqual(source.env, { EOS_REMOTE_PS_PORT: '8022', EOS_RESTART_LISTENER_PORT: '9999' });
});

test('an unknown flow is answered with the known ones', async (t) => {
  const error = await t.throwsAsync(loadFlow({ project }, 'ndb-setup'), { instanceOf: UnknownFlowError });
  t.regex(error.nextStep, /nbd-setup, setup-dest, setup-src/);
});

test('all mistakes of a file are told at once, each with its place', async (t) => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'testbed-flows-'));
  t.teardown(() => rm(elsewhere, { recursive: true, force: true }));
  const folder = join(elsewhere, 'guests', 'flows');
  await mkdir(folder, { recursive: true });
  await copyFile(join(project, 'guests', 'flows', 'flow.schema.json'), join(folder, 'flow.schema.json'));
  const mistakes = {
    title: 'x',
    steps: [{ id: 'A', title: 'x', role: 'storage', script: '../x.sh', until: { port: 0 }, colour: 'red' }],
  };
  await writeFile(join(folder, 'bad.json'), JSON.stringify(mistakes));
  const error = await t.throwsAsync(loadFlow({ project: elsewhere }, 'bad'), {
    instanceOf: FlowInvalidError,
  });
  const places = ['/steps/0/id', '/steps/0/role', '/steps/0/script', '/steps/0/until', '/colour is'];
  for (const place of places)
    t.true(
      error.excerpt.some((line) => line.includes(place)),
      place,
    );
  t.true(error.excerpt.some((line) => line.includes('compute, memory')));
  const step = { id: 'a', title: 'x', role: 'compute', script: 'x.sh' };
  await writeFile(join(folder, 'twice.json'), JSON.stringify({ title: 'x', steps: [step, step] }));
  await t.throwsAsync(loadFlow({ project: elsewhere }, 'twice'), { instanceOf: FlowInvalidError });
  await writeFile(join(folder, 'torn.json'), '{');
  await t.throwsAsync(loadFlow({ project: elsewhere }, 'torn'), { instanceOf: FlowInvalidError });
});
