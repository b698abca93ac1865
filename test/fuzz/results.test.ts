// SPDX-License-Identifier: MIT
import { mkdir, mkdtemp, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Testbed } from 'elasticos-testbed';
import { TestbedError } from '../../testbed/base/error/testbed-error.js';
import { EXAMPLE_PRODUCTS } from '../experiment/run/example-run.js';
import { writtenRun } from '../experiment/result/written-run.js';
import { temporaryFolder } from '../products/image/test-context.js';
import { changed, garbled } from './junk.js';
import { freshSeed, Random } from './random.js';

const FOLDERS = 200;

test('a run with something odd in its folder is shown, or refused with an error of its own', async (t) => {
  const seed = freshSeed();
  const random = new Random(seed);
  const root = await temporaryFolder(t);
  const good = await goodRun(t, root);
  let shown = 0;
  for (let index = 0; index < FOLDERS; index += 1) {
    const folder = await mkdtemp(join(root, 'run-'));
    await writeFiles(folder, good);
    const files = [...good.keys()];
    for (let times = 1 + random.below(2); times > 0; times -= 1)
      await spoil(random, folder, random.of(files), good);
    try {
      await showAll(root, folder);
      shown += 1;
    } catch (thrown) {
      t.true(
        thrown instanceof TestbedError,
        `seed ${seed}, folder ${index}: ${String((thrown as Error).stack)}`,
      );
      t.is((thrown as TestbedError).exitCode, 3, `seed ${seed}, folder ${index}: ${String(thrown)}`);
    }
    await rm(folder, { recursive: true });
  }
  t.log(`seed ${seed}: ${shown} of ${FOLDERS} were shown`);
  t.true(shown < FOLDERS);
});

type FileTexts = ReadonlyMap<string, string>;

/** The files of a run that is as it should be, by their paths in its folder. */
async function goodRun(t: ExecutionContext, root: string): Promise<FileTexts> {
  const { record, cells } = await writtenRun(() => ({ seconds: 2, noisy: true, shellSeconds: [1] }));
  const { name, kind, key, sha256, bytes, packages } = EXAMPLE_PRODUCTS.image;
  const written = { ...record, image: { name, kind, key, sha256, bytes, packages } };
  const files = new Map([['run.json', JSON.stringify(written)]]);
  for (const { cell, result } of cells) files.set(join('cells', `${cell.id}.json`), JSON.stringify(result));
  const folder = join(root, 'good');
  await writeFiles(folder, files);
  await t.notThrowsAsync(showAll(root, folder));
  return files;
}

async function writeFiles(folder: string, files: FileTexts): Promise<void> {
  for (const [path, text] of files) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** Everything that `testbed results` shows of a run. */
async function showAll(root: string, folder: string): Promise<void> {
  const run = await new Testbed({ paths: { results: root } }).results.open(folder);
  run.table();
  run.csv();
  run.tap();
  run.junit();
  run.groups();
  run.comparisonTable(run);
}

async function spoil(random: Random, folder: string, path: string, good: FileTexts): Promise<void> {
  const file = join(folder, path);
  const text = good.get(path) ?? '';
  switch (random.below(7)) {
    case 0: {
      await rm(file, { recursive: true, force: true });
      return;
    }
    case 1:
      await rm(file, { recursive: true, force: true });
      await mkdir(file);
      return;
    case 2:
      await rm(file, { recursive: true, force: true });
      {
        await symlink(random.of(['nowhere', path, '/dev/null', '..']), file);
        return;
      }
    case 3: {
      await replace(file, garbled(random, text));
      return;
    }
    default: {
      await replace(file, JSON.stringify(changed(random, JSON.parse(text))));
      return;
    }
  }
}

async function replace(file: string, text: string): Promise<void> {
  await unlink(file).catch(async () => rm(file, { recursive: true, force: true }));
  await writeFile(file, text);
}
