// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { projectRoot } from '../../testbed/base/host/paths.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import { RunFolder } from '../../testbed/experiment/result/run-folder.js';
import { CellCosts } from '../../testbed/experiment/run/cell-costs.js';
import { runPlan } from '../../testbed/experiment/run/run-plan.js';
import { EXAMPLE_PRODUCTS, exampleContext, examplePlan } from '../experiment/run/example-run.js';
import { InMemoryMachines, RIGHT } from '../experiment/run/in-memory-machines.js';
import { temporaryFolder } from '../products/image/test-context.js';

interface Told {
  readonly code: number | undefined;
  readonly lines: readonly string[];
  readonly stderr: string;
}

/** `run --dry-run`, by a user who has only what is in `home`. */
async function dryRun(home: string, ...words: readonly string[]): Promise<Told> {
  const env = {
    HOME: home,
    TESTBED_CACHE: join(home, 'cache'),
    TESTBED_RUNTIME: join(home, 'run'),
    TESTBED_RESULTS: join(home, 'results'),
  };
  const launcher = join(projectRoot(), 'testbed', 'cli', 'launch.mjs');
  const argv = [process.execPath, launcher, 'run', '--dry-run', ...words] as const;
  const { code, stdout, stderr } = await systemProcesses.run(argv, { env });
  return { code, lines: stdout.trimEnd().split('\n'), stderr };
}

test('a dry run of nothing in particular names the short scenario and its cells, and makes nothing', async (t) => {
  const home = await temporaryFolder(t);
  const { code, lines, stderr } = await dryRun(home);
  t.is(code, 0, stderr);
  const systems = ['local', 'nbd-swap', 'elasticos', 'elasticos-nojump'];
  for (const system of systems) t.is(lines.filter((line) => line.startsWith(`${system}/`)).length, 2, system);
  t.regex(lines.at(-1) ?? '', /^8 cells in virtual time; time and disk are not known/);
  t.regex(stderr, /scenarios\/short\.json.*scenarios\/elasticos\.json/);
  for (const made of ['cache', 'results', 'run']) t.false(existsSync(join(home, made)), made);
});

test('a dry run takes the flags of a run, and is an object with --json', async (t) => {
  const { code, lines } = await dryRun(await temporaryFolder(t), 'smoke', '--only', 'count-sort', '--json');
  t.is(code, 0);
  const { cells, unknown, virtualTime } = JSON.parse(lines.join('\n')) as Record<string, unknown>;
  t.deepEqual(cells, [
    'local/count-sort/64M/r1',
    'disk-swap/count-sort/64M/r1',
    'nbd-swap/count-sort/64M/r1',
  ]);
  t.is(unknown, 3);
  t.is(virtualTime, false);
});

/** Two of the example's eight cells, with costs that are kept. */
async function begunRun(t: ExecutionContext, home: string): Promise<RunFolder> {
  const context = await exampleContext(t);
  const paths = { ...context.paths, results: join(home, 'results') };
  const plan = await examplePlan();
  const store = await RunFolder.create({ ...context, paths }, { plan, products: EXAMPLE_PRODUCTS });
  const costs = await CellCosts.open({ cache: join(home, 'cache') });
  for (const cell of plan.cells)
    await costs.keep(cell, EXAMPLE_PRODUCTS.kernel, { seconds: 90, bytes: 2 ** 20 });
  await runPlan(
    context,
    { ...plan, cells: plan.cells.slice(0, 2) },
    {
      machines: new InMemoryMachines(),
      oracle: ({ bytes }) => Promise.resolve({ checksum: RIGHT, bytesTouched: bytes }),
      store,
    },
  );
  return store;
}

test('a dry run of a run that was begun names what is left of it', async (t) => {
  const home = await temporaryFolder(t);
  const { record } = await begunRun(t, home);
  const { code, lines, stderr } = await dryRun(home, '--resume', record.id);
  t.is(code, 0, stderr);
  const left = record.plan.cells.slice(2).map(({ id }) => id);
  t.deepEqual(lines, [...left, '', '6 cells; some 9 min and 6.0 MiB of disk']);
});

test('a scenario beside --resume is refused, with --dry-run too', async (t) => {
  const home = await temporaryFolder(t);
  const { record } = await begunRun(t, home);
  const { code, stderr } = await dryRun(home, 'smoke', '--resume', record.id);
  t.is(code, 2);
  t.regex(stderr, /--resume takes the scenario from the run/);
});
