// SPDX-License-Identifier: MIT
import test from 'ava';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readCpio } from '../../../testbed/products/image/cpio.js';
import { ImageWriteError } from '../../../testbed/products/image/errors.js';
import { writeInitramfs } from '../../../testbed/products/image/initramfs.js';
import { RootTree } from '../../../testbed/products/image/root-tree.js';
import { ProgramFailedError } from '../../../testbed/base/process/errors.js';
import { temporaryFolder, testContext } from './test-context.js';

function treeOf(content: Buffer): RootTree {
  const tree = new RootTree();
  tree.put('file', { type: 'file', mode: 0o644, uid: 0, gid: 0, content });
  return tree;
}

test('an initramfs is gzip around cpio, and its length lets another archive follow', async (t) => {
  const path = join(await temporaryFolder(t), 'initramfs');
  await writeInitramfs(testContext(), treeOf(Buffer.from('content')), path, 1);
  const file = await readFile(path);
  t.is(file.length % 4, 0);
  t.deepEqual(
    [...readCpio(gunzipSync(file))].map((member) => member.content.toString()),
    ['content'],
  );
});

test('an initramfs that is too large is an error with both figures', async (t) => {
  const path = join(await temporaryFolder(t), 'initramfs');
  await t.throwsAsync(writeInitramfs(testContext(), treeOf(randomBytes(1_500_000)), path, 1), {
    instanceOf: ImageWriteError,
    message: 'the initramfs has 1.4 MiB, of 1 that it may have',
  });
});

test('a disk that fills up is told by gzip itself', async (t) => {
  const writing = writeInitramfs(testContext(), treeOf(randomBytes(1_500_000)), '/dev/full', 16);
  const error = await t.throwsAsync(writing, { instanceOf: ProgramFailedError });
  t.regex(error.excerpt.join(), /No space left on device/);
});
