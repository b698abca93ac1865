// SPDX-License-Identifier: MIT
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { CellCosts, costOf } from '../../../testbed/experiment/run/cell-costs.js';
import { runPlan } from '../../../testbed/experiment/run/run-plan.js';
import { RunFolder } from '../../../testbed/experiment/result/run-folder.js';
import type { Cell, Plan } from '../../../testbed/experiment/scenario/plan.js';
import { temporaryFolder } from '../../products/image/test-context.js';
import { EXAMPLE_PRODUCTS, exampleContext, examplePlan } from './example-run.js';
import { InMemoryMachines, RIGHT } from './in-memory-machines.js';

const KERNEL = { line: 'linux-6.1', variant: 'release' } as const;
const KERNELS = { lines: ['linux-6.1'], variant: 'release' } as const;

async function oneCell(fields: object): Promise<Cell> {
  const plan = await examplePlan({
    systems: ['nbd-swap'],
    workloads: ['heap-sort'],
    footprints: ['128M'],
    repeats: 1,
    ...fields,
  });
  const [cell] = plan.cells;
  if (cell === undefined) throw new Error('the plan has no cell');
  return cell;
}

async function emptyCosts(t: ExecutionContext): Promise<CellCosts> {
  return await CellCosts.open({ cache: await temporaryFolder(t) });
}

test('what was never run here is not known, and adds nothing', async (t) => {
  const { cells } = await examplePlan();
  t.deepEqual((await emptyCosts(t)).estimate(cells, KERNELS, 1), {
    cells: 8,
    unknown: 8,
    virtualTime: false,
    seconds: 0,
    bytes: 0,
  });
});

test('cells are added up, and cells side by side share the time but not the disk', async (t) => {
  const costs = await emptyCosts(t);
  const { cells } = await examplePlan({ time: 'virtual', link: { delay: '50us' } });
  for (const cell of cells) await costs.keep(cell, KERNEL, { seconds: 10, bytes: 1000 });
  const all = { cells: 8, unknown: 0, virtualTime: true };
  t.deepEqual(costs.estimate(cells, KERNELS, 1), { ...all, seconds: 80, bytes: 8000 });
  t.deepEqual(costs.estimate(cells, KERNELS, 4), { ...all, seconds: 20, bytes: 8000 });
});

test('a cell is told from every one that may be cheaper, and not by its seed or its repeat', async (t) => {
  const costs = await emptyCosts(t);
  await costs.keep(await oneCell({}), KERNEL, { seconds: 10, bytes: 1000 });
  const unknown = async (fields: object, kernels: object = {}): Promise<number> =>
    costs.estimate([await oneCell(fields)], { ...KERNELS, ...kernels }, 1).unknown;
  for (const fields of [{}, { seeds: [7] }, { deadline: '90s' }, { description: 'the same' }])
    t.is(await unknown(fields), 0, JSON.stringify(fields));
  for (const fields of [
    { systems: ['local'] },
    { workloads: ['dijkstra'] },
    { footprints: ['256M'] },
    { memory: { computeNode: '112M' } },
    { memory: { computeNode: '96M', budget: '20M' } },
    { nbd: { pageCluster: 3 } },
    { link: { delay: '1ms' } },
    { time: 'virtual', link: { delay: '50us' } },
  ])
    t.is(await unknown(fields), 1, JSON.stringify(fields));
  t.is(await unknown({}, { lines: ['linux-2.6.38.8'] }), 1);
  t.is(await unknown({}, { variant: 'debug' }), 1);
  t.is(await unknown({}, { lines: ['linux-2.6.38.8', 'linux-6.1'] }), 0, 'the first line that is known');
});

test('in virtual time a cell is told by its quantum, and not by the seed of its clock', async (t) => {
  const costs = await emptyCosts(t);
  const virtual = { time: 'virtual', link: { delay: '50us' } };
  await costs.keep(await oneCell(virtual), KERNEL, { seconds: 10, bytes: 1000 });
  const unknown = async (virtualTime: object): Promise<number> =>
    costs.estimate([await oneCell({ ...virtual, virtualTime })], KERNELS, 1).unknown;
  t.is(await unknown({ seed: 9 }), 0);
  t.is(await unknown({ quantum: '10us' }), 1);
});

test('what was kept is there for the next process; what others kept meanwhile stays', async (t) => {
  const cache = await temporaryFolder(t);
  const [heap, search] = [await oneCell({}), await oneCell({ workloads: ['linear-search'] })];
  const [one, two] = [await CellCosts.open({ cache }), await CellCosts.open({ cache })];
  await one.keep(heap, KERNEL, { seconds: 10, bytes: 1000 });
  await two.keep(search, KERNEL, { seconds: 5, bytes: 100 });
  await two.keep(search, KERNEL, { seconds: 7, bytes: 200 });
  const { unknown, seconds, bytes } = (await CellCosts.open({ cache })).estimate([heap, search], KERNELS, 1);
  t.deepEqual({ unknown, seconds, bytes }, { unknown: 0, seconds: 17, bytes: 1200 });
});

for (const text of ['', 'null', '[1]', '{"a": null}', '{"a": {"seconds": "many"}}', '{"a": {"seconds": 1,'])
  test(`a file of ${JSON.stringify(text)} counts as empty, and is written anew`, async (t) => {
    const cache = await temporaryFolder(t);
    await writeFile(join(cache, 'cell-costs.json'), text);
    const cell = await oneCell({});
    const costs = await CellCosts.open({ cache });
    t.is(costs.estimate([cell], KERNELS, 1).unknown, 1);
    await costs.keep(cell, KERNEL, { seconds: 1, bytes: 1 });
    t.is((await CellCosts.open({ cache })).estimate([cell], KERNELS, 1).unknown, 0);
  });

test('a cache that cannot be written costs nothing but the estimate', async (t) => {
  const cache = join(await temporaryFolder(t), 'cache');
  await writeFile(cache, 'a file where the folder should be');
  const costs = await CellCosts.open({ cache });
  await t.notThrowsAsync(costs.keep(await oneCell({}), KERNEL, { seconds: 1, bytes: 1 }));
  t.is(await readFile(cache, 'utf8'), 'a file where the folder should be');
});

/** Runs a plan whose costs are kept, and what its stage of cells told of the time left. */
async function timesLeft(t: ExecutionContext, plan: Plan, cache: string): Promise<readonly unknown[]> {
  const context = await exampleContext(t);
  const store = await RunFolder.create(context, { plan, products: EXAMPLE_PRODUCTS });
  await runPlan(context, plan, {
    machines: new InMemoryMachines(() => ({ takesMs: 100 })),
    oracle: ({ bytes }) => Promise.resolve({ checksum: RIGHT, bytesTouched: bytes }),
    store,
    costs: await CellCosts.open({ cache }),
  });
  const steps = context.seen.filter((event) => event.type === 'stage-progress' && event.id === 'cells');
  return steps.map((event) => ('leftMs' in event ? event.leftMs : undefined));
}

test('a run says what is left once every kind of cell has been run', async (t) => {
  const cache = await temporaryFolder(t);
  const plan = await examplePlan({ systems: ['local'], repeats: 2 });
  const [first, second, third, fourth, end] = await timesLeft(t, plan, cache);
  t.deepEqual([first, second, end], [undefined, undefined, undefined]);
  t.true(Number(third) >= 200, `two cells of 100 ms: ${String(third)}`);
  t.true(Number(fourth) >= 100 && Number(fourth) < Number(third), `one: ${String(fourth)}`);
  const [known] = await timesLeft(t, plan, cache);
  t.true(Number(known) >= 400, `all four, in the next run: ${String(known)}`);
});

test('the disk of a cell is that of its record and its consoles', async (t) => {
  const context = await exampleContext(t);
  const plan = await examplePlan({ systems: ['local'], workloads: ['heap-sort'], repeats: 1 });
  const store = await RunFolder.create(context, { plan, products: EXAMPLE_PRODUCTS });
  const machines = new InMemoryMachines();
  await runPlan(context, plan, {
    machines,
    oracle: ({ bytes }) => Promise.resolve({ checksum: RIGHT, bytesTouched: bytes }),
    store,
  });
  const [record] = await store.cells();
  if (record === undefined) throw new Error('the cell has no record');
  const kept = [`cells/${record.id}.json`, ...record.consoles].map((file) => join(store.folder, file));
  const lengths = await Promise.all(kept.map(async (file) => (await readFile(file)).length));
  const { seconds, bytes } = await costOf(store.folder, record);
  t.is(kept.length, 2);
  t.is(
    bytes,
    lengths.reduce((sum, length) => sum + length, 0),
  );
  t.is(seconds, record.wallSeconds);
});
