// SPDX-License-Identifier: MIT
import test from 'ava';
import { ImageConflictError } from '../../../testbed/products/image/errors.js';
import { imagePath, RootTree, type Inode } from '../../../testbed/products/image/root-tree.js';

const root = { uid: 0, gid: 0 };
const file = (text: string): Inode => ({ type: 'file', mode: 0o644, content: Buffer.from(text), ...root });
const folder = (mode: number): Inode => ({ type: 'directory', mode, ...root });

test('every file has one path: /bin and its like are links into /usr', (t) => {
  t.is(imagePath('/bin/sh'), 'usr/bin/sh');
  t.is(imagePath('./lib/x86_64-linux-gnu/libc.so.6'), 'usr/lib/x86_64-linux-gnu/libc.so.6');
  t.is(imagePath('usr/bin/../sbin/init'), 'usr/sbin/init');
  t.is(imagePath('/binary'), 'binary');
  const tree = RootTree.withMergedUsr();
  tree.put('/bin/sh', file('sh'));
  t.like(tree.get('bin/sh'), { type: 'file' });
  t.like(new Map(tree.entries()).get('bin'), { type: 'symlink', target: 'usr/bin' });
});

test('a folder comes before what is in it, whatever the order of putting', (t) => {
  const tree = new RootTree();
  tree.put('b/c/d', file(''));
  tree.put('a', file(''));
  t.deepEqual(
    tree.entries().map(([path]) => path),
    ['a', 'b', 'b/c', 'b/c/d'],
  );
});

test('a folder may be put again with another mode; nothing else may be put twice', (t) => {
  const tree = new RootTree();
  tree.put('root/.ssh/config', file(''));
  tree.put('root', folder(0o700));
  t.like(tree.get('root'), { mode: 0o700 });
  t.throws(
    () => {
      tree.put('root/.ssh', file(''));
    },
    { instanceOf: ImageConflictError },
  );
  t.throws(
    () => {
      tree.put('root/.ssh/config', file('another'));
    },
    { instanceOf: ImageConflictError, message: /\/root\/\.ssh\/config .* is a file already/ },
  );
  t.throws(
    () => {
      tree.put('root/.ssh/config/deeper', file(''));
    },
    { instanceOf: ImageConflictError },
  );
});
