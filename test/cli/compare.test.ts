// SPDX-License-Identifier: MIT
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { projectRoot } from '../../testbed/base/host/paths.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import type { Run } from '../../testbed/experiment/result/load-run.js';
import { writtenRun } from '../experiment/result/written-run.js';
import { temporaryFolder } from '../products/image/test-context.js';
import { CONSOLE, keptRun } from '../virtual-time/comparison/kept-run.js';

/** Puts a run into a home's results under an id. */
async function put(home: string, id: string, { folder, record, cells }: Run): Promise<void> {
  const target = join(home, 'results', id);
  if (cells.some(({ cell }) => cell.shape.virtualTime !== undefined))
    await cp(folder, target, { recursive: true });
  const write = async (path: string, value: object): Promise<void> => {
    await mkdir(dirname(join(target, path)), { recursive: true });
    await writeFile(join(target, path), JSON.stringify(value));
  };
  await write('run.json', { ...record, id });
  for (const { cell, result } of cells) if (result) await write(`cells/${cell.id}.json`, result);
}

/** Two runs in virtual time that part at boot, and one in wall time. */
async function results(t: ExecutionContext): Promise<string> {
  const home = await temporaryFolder(t);
  await put(home, 'one', await keptRun(t));
  await put(
    home,
    'two',
    await keptRun(t, { console: CONSOLE.replace('0.2', '0.3'), counters: { pulls: 1235 } }),
  );
  await put(home, 'wall', await writtenRun(() => ({ seconds: 1 })));
  return home;
}

async function compare(
  home: string,
  ...words: string[]
): Promise<{ readonly code: number | undefined; readonly stdout: string; readonly stderr: string }> {
  const env = { HOME: home, TESTBED_RUNTIME: join(home, 'run'), TESTBED_RESULTS: join(home, 'results') };
  const launcher = join(projectRoot(), 'testbed', 'cli', 'launch.mjs');
  return await systemProcesses.run([process.execPath, launcher, 'results', 'compare', ...words], { env });
}

test('runs in virtual time are compared exactly, for people and as JSON; what is found is no failure', async (t) => {
  const home = await results(t);
  const read = await compare(home, 'one', 'two');
  t.is(read.code, 0);
  t.regex(read.stdout, /they part at 0\.200000000 s, in boot, on node1:/);
  t.notRegex(read.stdout, /median|repeats/);
  const { code, stdout } = await compare(home, 'one', 'two', '--json');
  t.is(code, 0);
  t.like(JSON.parse(stdout), { a: 'one', b: 'two' });
  const { cells } = JSON.parse(stdout) as { readonly cells: readonly Readonly<Record<string, unknown>>[] };
  t.like(cells[0]?.['parting'], { atNs: 200_000_000, where: 'node1', during: { phase: 'boot' } });
});

test('a run against itself is identical', async (t) => {
  t.regex((await compare(await results(t), 'one', 'one')).stdout, /: identical \([0-9a-f]{16}\)$/m);
});

test('a run in wall time against one in virtual time is refused with 3', async (t) => {
  const { code, stderr } = await compare(await results(t), 'wall', 'two');
  t.is(code, 3);
  t.regex(stderr, /run wall is in wall time and run two in virtual time/);
});
