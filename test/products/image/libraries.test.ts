// SPDX-License-Identifier: MIT
import test from 'ava';
import { readFile } from 'node:fs/promises';
import { LibraryMissingError } from '../../../testbed/products/image/errors.js';
import { addLibraries, isLibraryPath, type Pool } from '../../../testbed/products/image/libraries.js';
import { RootTree, type Inode } from '../../../testbed/products/image/root-tree.js';

const root = { uid: 0, gid: 0 };
const LIBRARIES = 'usr/lib/x86_64-linux-gnu';

async function hostFile(path: string): Promise<Inode> {
  return { type: 'file', mode: 0o755, content: await readFile(path), ...root };
}

async function treeWithTrue(): Promise<RootTree> {
  const tree = RootTree.withMergedUsr();
  tree.put('bin/true', await hostFile('/bin/true'));
  return tree;
}

test('a program brings its libraries and the dynamic linker, through their links', async (t) => {
  const link = (target: string): Inode => ({ type: 'symlink', mode: 0o777, target, ...root });
  const pool: Pool = new Map([
    ['usr/lib64/ld-linux-x86-64.so.2', { inode: link('/lib/x86_64-linux-gnu/ld-2.so'), origin: 'libc6' }],
    [`${LIBRARIES}/ld-2.so`, { inode: await hostFile('/lib64/ld-linux-x86-64.so.2'), origin: 'libc6' }],
    [`${LIBRARIES}/libc.so.6`, { inode: await hostFile('/lib/x86_64-linux-gnu/libc.so.6'), origin: 'libc6' }],
    [`${LIBRARIES}/libm.so.6`, { inode: link('nobody-asks'), origin: 'libm' }],
  ]);
  const tree = await treeWithTrue();
  t.deepEqual([...(await addLibraries(tree, pool))], ['libc6']);
  t.truthy(tree.get(`${LIBRARIES}/ld-2.so`));
  t.truthy(tree.get(`${LIBRARIES}/libc.so.6`));
  t.is(tree.get(`${LIBRARIES}/libm.so.6`), undefined);
});

test('a library that is not to be had is an error that names the program', async (t) => {
  await t.throwsAsync(addLibraries(await treeWithTrue(), new Map()), {
    instanceOf: LibraryMissingError,
    message: /^\/usr\/bin\/true needs \/lib64\/ld-linux-x86-64\.so\.2/,
  });
});

test('only the folders where the dynamic linker looks have libraries', (t) => {
  t.true(isLibraryPath(`${LIBRARIES}/libgmp.so.10.4.1`));
  t.false(isLibraryPath(`${LIBRARIES}/tc/m_xt.so`));
  t.false(isLibraryPath('usr/share/doc/libgmp10'));
});
