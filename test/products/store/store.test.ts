// SPDX-License-Identifier: MIT
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Paths } from '../../../testbed/base/host/paths.js';
import { DiskFullError } from '../../../testbed/products/store/errors.js';
import { Store } from '../../../testbed/products/store/store.js';
import { ManualClock } from '../../base/clock/manual-clock.js';

async function emptyStore(t: ExecutionContext): Promise<{ store: Store; clock: ManualClock }> {
  const cache = await mkdtemp(join(tmpdir(), 'store-'));
  t.teardown(() => rm(cache, { recursive: true, force: true }));
  const paths: Paths = { project: '/p', cache, state: '/s', runtime: '/r', results: '/p/results' };
  const clock = new ManualClock();
  return { store: new Store({ paths, clock }), clock };
}

async function putFile(store: Store, kind: string, key: string, text = 'content'): Promise<string> {
  const product = await store.put({ kind, key, title: `${kind} ${key}` }, async (folder) => {
    await writeFile(join(folder, 'file'), text);
    return { text };
  });
  return product.folder;
}

test('a product is found again with its files, its size and what is known about it', async (t) => {
  const { store } = await emptyStore(t);
  t.is(await store.get('image', 'a'), undefined);
  await putFile(store, 'image', 'a', '12345');
  const found = await store.get('image', 'a');
  t.like(found, { title: 'image a', bytes: 5, description: { text: '12345' } });
  t.is(await readFile(join(found?.folder ?? '', 'file'), 'utf8'), '12345');
});

test('a product whose making fails leaves nothing behind', async (t) => {
  const { store } = await emptyStore(t);
  const failing = store.put({ kind: 'image', key: 'a', title: 'image a' }, async (folder) => {
    await writeFile(join(folder, 'half'), 'of it');
    throw new Error('no more');
  });
  await t.throwsAsync(failing, { message: 'no more' });
  t.is(await store.get('image', 'a'), undefined);
  t.deepEqual(await readdir(join(store.root, '.partial')), []);
});

test('a disk that fills up is an error that says how much is free', async (t) => {
  const { store } = await emptyStore(t);
  const full = store.put({ kind: 'image', key: 'a', title: 'image a' }, () =>
    Promise.reject(Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })),
  );
  const error = await t.throwsAsync(full, { instanceOf: DiskFullError });
  t.regex(error.message, /^storing image a needs more room on the file system of .*, and .* are free$/);
});

test('what a killed process has left half-written is cleared by the next put', async (t) => {
  const { store } = await emptyStore(t);
  const remains = join(store.root, '.partial', '999999999.1.1.image.a');
  await mkdir(remains, { recursive: true });
  await putFile(store, 'image', 'b');
  t.deepEqual(await readdir(join(store.root, '.partial')), []);
});

test('a half-written product of a process that lives is left alone', async (t) => {
  const { store } = await emptyStore(t);
  await store.put({ kind: 'image', key: 'outer', title: 'outer' }, async (folder) => {
    await writeFile(join(folder, 'file'), 'outer');
    await putFile(store, 'image', 'inner');
    return {};
  });
  t.deepEqual((await store.list()).map((product) => product.key).sort(), ['inner', 'outer']);
});

test('a product with a file missing or cut short does not count, and can be made again', async (t) => {
  const { store } = await emptyStore(t);
  const folder = await putFile(store, 'image', 'a');
  await truncate(join(folder, 'file'), 2);
  t.is(await store.get('image', 'a'), undefined);
  await putFile(store, 'image', 'a');
  t.not(await store.get('image', 'a'), undefined);
});

test('when two make the same product, the first to finish wins and both get it', async (t) => {
  const { store } = await emptyStore(t);
  const [one, two] = await Promise.all([
    putFile(store, 'image', 'a', 'same'),
    putFile(store, 'image', 'a', 'same'),
  ]);
  t.is(one, two);
  t.is((await store.list()).length, 1);
});

test('pruning keeps the newest of each kind and the keys that are in use', async (t) => {
  const { store, clock } = await emptyStore(t);
  for (const key of ['old', 'used', 'newer', 'newest']) {
    await putFile(store, 'kernel', key);
    clock.advance(60_000);
  }
  await putFile(store, 'image', 'only');
  const removed = await store.prune({ newest: 2, keys: new Set(['used']) });
  t.deepEqual(
    removed.map((product) => product.key),
    ['old'],
  );
  t.deepEqual(
    (await store.list()).map((product) => product.key),
    ['only', 'newest', 'newer', 'used'],
  );
});

test('a product counts as used whenever it is asked for', async (t) => {
  const { store, clock } = await emptyStore(t);
  await putFile(store, 'kernel', 'first');
  clock.advance(60_000);
  await putFile(store, 'kernel', 'second');
  clock.advance(60_000);
  await store.get('kernel', 'first');
  t.is((await store.list())[0]?.key, 'first');
});
