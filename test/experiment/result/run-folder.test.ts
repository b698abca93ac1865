// SPDX-License-Identifier: MIT
import test from 'ava';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ResultInvalidError,
  RunMismatchError,
  RunNotFoundError,
} from '../../../testbed/experiment/result/errors.js';
import { systemPaths } from '../../../testbed/base/host/paths.js';
import { findRun, listRuns, loadRun } from '../../../testbed/experiment/result/load-run.js';
import { type CellOutcome, RunFolder } from '../../../testbed/experiment/result/run-folder.js';
import { refuseChangedPlan, refuseOtherInputs } from '../../../testbed/experiment/result/same-inputs.js';
import { loadScenario, scenarioNames } from '../../../testbed/experiment/scenario/load-scenario.js';
import { planScenario } from '../../../testbed/experiment/scenario/plan.js';
import { EXAMPLE_PRODUCTS, exampleContext, examplePlan } from '../run/example-run.js';

const FAILED: CellOutcome = {
  status: 'error',
  reason: 'node1 did not boot',
  startedAt: '2026-01-01T00:00:00.000Z',
  wallSeconds: 1,
  flows: [],
};

test('a run is called by its start, its scenario and its plan, and has the scenario verbatim', async (t) => {
  const context = await exampleContext(t);
  const plan = await examplePlan();
  const run = await RunFolder.create(context, { plan, products: EXAMPLE_PRODUCTS });
  t.regex(run.record.id, new RegExp(`^\\d{8}T\\d{6}Z-example-${plan.key.slice(0, 7)}$`));
  t.is(await readFile(join(run.folder, 'scenario.json'), 'utf8'), plan.scenario.text);
  t.deepEqual((await RunFolder.open(run.folder)).record, run.record);
});

test('every scenario of the project that has cells makes a run that its schema takes', async (t) => {
  const context = await exampleContext(t);
  for (const name of await scenarioNames({ paths: systemPaths() })) {
    const scenario = await loadScenario({ paths: systemPaths() }, name);
    if (scenario.systems.length === 0) continue;
    const plan = planScenario(scenario, { repeats: 1 });
    await t.notThrowsAsync(RunFolder.create(context, { plan, products: EXAMPLE_PRODUCTS }), name);
  }
});

test('runs that begin in the same second do not share a folder', async (t) => {
  const context = await exampleContext(t);
  const inputs = { plan: await examplePlan(), products: EXAMPLE_PRODUCTS };
  const runs = [await RunFolder.create(context, inputs), await RunFolder.create(context, inputs)];
  t.is(new Set(runs.map(({ folder }) => folder)).size, 2);
});

test('a run is found by its path, its id, a part that no other has, and as the latest', async (t) => {
  const context = await exampleContext(t);
  const products = EXAMPLE_PRODUCTS;
  t.deepEqual(await listRuns(context.paths), []);
  const older = await RunFolder.create(context, { plan: await examplePlan(), products });
  const newer = await RunFolder.create(context, { plan: await examplePlan({ name: 'second' }), products });
  for (const name of ['latest', newer.folder, newer.record.id, 'second'])
    t.is(await findRun(context.paths, name), newer.folder, name);
  t.is(await findRun(context.paths, 'example'), older.folder);
  await t.throwsAsync(findRun(context.paths, '20'), {
    instanceOf: RunNotFoundError,
    message: /any of 2 runs/,
  });
  await t.throwsAsync(findRun(context.paths, 'third'), { message: 'there is no run third' });
});

test('where a console was becomes where it is kept', async (t) => {
  const context = await exampleContext(t);
  const run = await RunFolder.create(context, { plan: await examplePlan(), products: EXAMPLE_PRODUCTS });
  const [cell] = run.record.plan.cells;
  if (cell === undefined) throw new Error('the plan has no cell');
  await using scratch = await run.openScratch();
  const log = join(scratch.folder, 'node1', 'console.log');
  const error = { code: 'E_BOOT', exitCode: 7, message: '', nextStep: '', excerpt: [], log };
  const record = await run.save(cell, scratch, { ...FAILED, error });
  t.is(record.error?.log, `consoles/${cell.id}/node1.log`);
});

test('a record that does not fit its schema is refused, when it is written and when it is read', async (t) => {
  const context = await exampleContext(t);
  const run = await RunFolder.create(context, { plan: await examplePlan(), products: EXAMPLE_PRODUCTS });
  const [cell] = run.record.plan.cells;
  if (cell === undefined) throw new Error('the plan has no cell');
  await using scratch = await run.openScratch();
  await t.throwsAsync(run.save(cell, scratch, { ...FAILED, wallSeconds: -1 }), {
    instanceOf: ResultInvalidError,
  });
  await run.save(cell, scratch, FAILED);
  const path = join(run.folder, 'cells', `${cell.id}.json`);
  await writeFile(path, (await readFile(path, 'utf8')).replace('"error"', '"splendid"'));
  const error = await t.throwsAsync(loadRun(context.paths, run.folder), { instanceOf: ResultInvalidError });
  t.regex(error.excerpt.join(), /\/status is "splendid"; allowed: ok, failed/);
});

test('a run whose cells were edited cannot go on', async (t) => {
  const context = await exampleContext(t);
  const plan = await examplePlan();
  const { record } = await RunFolder.create(context, { plan, products: EXAMPLE_PRODUCTS });
  t.notThrows(() => {
    refuseChangedPlan(record);
  });
  const edited = { ...record, plan: { ...plan, cells: plan.cells.slice(1) } };
  t.throws(
    () => {
      refuseChangedPlan(edited);
    },
    { instanceOf: RunMismatchError, message: /the cells in its run\.json had hash/ },
  );
});

test('a run cannot go on with other cells, another kernel or another image', async (t) => {
  const context = await exampleContext(t);
  const plan = await examplePlan();
  const { record } = await RunFolder.create(context, { plan, products: EXAMPLE_PRODUCTS });
  t.notThrows(() => {
    refuseOtherInputs(record, { plan, products: EXAMPLE_PRODUCTS });
  });
  const { kernel, image } = EXAMPLE_PRODUCTS;
  const now = {
    plan: await examplePlan({ repeats: 3 }),
    products: { kernel: { ...kernel, key: 'f'.repeat(64) }, image: { ...image, key: '0'.repeat(64) } },
  };
  const error = t.throws(
    () => {
      refuseOtherInputs(record, now);
    },
    { instanceOf: RunMismatchError },
  );
  t.regex(error.message, /cells that its scenario means .*; kernel linux-6.1, release .*; image initramfs/);
});
