// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { makeFolder } from '../../../testbed/base/host/make-folder.js';
import { temporaryFolder } from '../../products/image/test-context.js';

test('a folder is made with all above it, also by several at once, and may be there already', async (t) => {
  const root = await temporaryFolder(t);
  const folder = join(root, 'a', 'b', 'c');
  for (let tree = 0; tree < 100; tree += 1) {
    await rm(join(root, 'a'), { recursive: true, force: true });
    await Promise.all(Array.from({ length: 20 }, async () => makeFolder(folder, 0o700)));
  }
  await makeFolder(folder);
  t.is((await stat(folder)).mode & 0o777, 0o700);
  t.is((await stat(join(root, 'a'))).mode & 0o777, 0o700);
});

test('what is in the way is told', async (t) => {
  const file = join(await temporaryFolder(t), 'file');
  await writeFile(file, '');
  await t.throwsAsync(makeFolder(file), { code: 'EEXIST' });
  await t.throwsAsync(makeFolder(join(file, 'below')), { code: 'ENOTDIR' });
});

test('a folder below /proc, which has no place for one, is refused', async (t) => {
  t.timeout(10_000);
  await t.throwsAsync(makeFolder('/proc/testbed/folder'), { code: 'ENOENT' });
  t.false(existsSync('/proc/testbed'));
});
