// SPDX-License-Identifier: MIT
import test from 'ava';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ImageWriteError } from '../../../testbed/products/image/errors.js';
import { writeExt4 } from '../../../testbed/products/image/ext4.js';
import { RootTree } from '../../../testbed/products/image/root-tree.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';
import { temporaryFolder, testContext } from './test-context.js';

function smallTree(): RootTree {
  const root = { uid: 0, gid: 0 };
  const tree = RootTree.withMergedUsr();
  tree.put('init', { type: 'file', mode: 0o755, content: Buffer.from('#!/bin/sh\n'), ...root });
  tree.put('bin/a "quoted" name', { type: 'file', mode: 0o4755, content: Buffer.alloc(70_000, 1), ...root });
  tree.put('home/user', { type: 'directory', mode: 0o700, uid: 1000, gid: 100 });
  tree.put('dev/console', { type: 'character-device', mode: 0o600, major: 5, minor: 1, ...root });
  tree.put('etc/mtab', { type: 'symlink', mode: 0o777, target: '/proc/self/mounts', ...root });
  return tree;
}

test('a tree becomes a clean file system with owners and modes, without root, the same bytes each time', async (t) => {
  const folder = await temporaryFolder(t);
  const images = [];
  for (const name of ['first', 'second']) {
    const scratch = join(folder, name);
    await mkdir(scratch);
    const path = join(folder, `${name}.ext4`);
    await writeExt4(testContext(), smallTree(), path, 16, scratch);
    images.push(path);
  }
  const [first = '', second = ''] = images;
  t.true((await readFile(first)).equals(await readFile(second)));

  const ask = async (...request: string[]): Promise<string> =>
    (await systemProcesses.succeed(['debugfs', '-R', request.join(' '), first])).stdout;
  t.regex(await ask('stat /home/user'), /Type: directory +Mode: +0700[^]*User: +1000 +Group: +100/);
  t.regex(await ask('stat "/usr/bin/a ""quoted"" name"'), /Mode: +04755[^]*Size: 70000/);
  t.regex(await ask('stat /dev/console'), /character special[^]*Device major\/minor number: 05:01/);
  t.regex(await ask('stat /etc/mtab'), /Fast link dest: "\/proc\/self\/mounts"/);
  t.is(await ask('cat /init'), '#!/bin/sh\n');
});

test('a tree that does not fit is an error', async (t) => {
  const folder = await temporaryFolder(t);
  const tree = smallTree();
  const content = Buffer.alloc(12 * 1024 * 1024, 7);
  tree.put('large', { type: 'file', mode: 0o644, uid: 0, gid: 0, content });
  await t.throwsAsync(writeExt4(testContext(), tree, join(folder, 'image'), 8, folder), {
    instanceOf: ImageWriteError,
    message: /do not fit into 8 MiB/,
  });
});
