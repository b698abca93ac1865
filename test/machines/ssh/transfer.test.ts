// SPDX-License-Identifier: MIT
import {
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../../../testbed/base/clock/clock.js';
import { pollUntil } from '../../../testbed/base/clock/deadline.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';
import { RemoteError, TransferError } from '../../../testbed/machines/ssh/errors.js';
import { type Dropbear, withDropbear } from './dropbear.js';

/** Every entry below a folder: its path, and what it is. */
async function listing(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true });
  const rows = entries.sort().map(async (path): Promise<[string, string]> => {
    const stats = await lstat(join(folder, path));
    const mode = (stats.mode & 0o777).toString(8);
    if (stats.isSymbolicLink()) return [path, `-> ${await readlink(join(folder, path))}`];
    if (stats.isDirectory()) return [path, `${mode}/`];
    return [path, `${mode} ${await readFile(join(folder, path), 'latin1')}`];
  });
  return Object.fromEntries(await Promise.all(rows));
}

/** When each file and directory below a folder was last changed, in seconds since 1970. */
async function times(folder: string): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const path of await readdir(folder, { recursive: true })) {
    const stats = await lstat(join(folder, path));
    if (!stats.isSymbolicLink()) found[path] = Math.floor(stats.mtimeMs / 1000);
  }
  return found;
}

/** A tree with everything that a copy could get wrong. */
async function plant(root: string): Promise<void> {
  await mkdir(join(root, 'empty'), { recursive: true });
  await mkdir(join(root, 'locked', 'deep'), { recursive: true });
  const files: readonly [string, number, string][] = [
    ['plain', 0o644, 'text'],
    ['program', 0o755, '#!/bin/sh\n'],
    ['secret', 0o600, ''],
    ['two words', 0o664, 'a'],
    ['line\nbreak', 0o644, 'b'],
    ['é 漢 🙂', 0o644, 'c'],
    [`${'long'.repeat(40)}.txt`, 0o640, 'd'],
    [`locked/deep/${'é'.repeat(80)}`, 0o444, 'e'],
    ['-rf', 0o644, 'f'],
  ];
  for (const [name, mode, content] of files) await writeFile(join(root, name), content, { mode });
  await symlink('plain', join(root, 'link'));
  await symlink('/no/such/place', join(root, 'dangling'));
  await symlink(`../${'far/'.repeat(40)}away`, join(root, 'long link'));
  const long = new Date('2011-06-03T00:00:00Z');
  for (const path of ['plain', 'locked/deep', 'locked']) await utimes(join(root, path), long, long);
}

/** What a failed transfer may not leave behind. */
async function nothingAside(t: ExecutionContext, folder: string): Promise<void> {
  t.deepEqual(
    (await readdir(folder)).filter((name) => name.startsWith('.testbed.')),
    [],
  );
}

async function folders(server: Dropbear): Promise<{ here: string; there: string }> {
  const [here, there] = [join(server.folder, 'here'), join(server.folder, 'there')];
  await mkdir(here);
  await mkdir(there);
  return { here, there };
}

withDropbear('a tree goes over and comes back as it was', async (t, server) => {
  await using session = await server.connect();
  const { here, there } = await folders(server);
  await plant(join(here, 'tree'));
  const planted = await listing(join(here, 'tree'));
  const changed = await times(join(here, 'tree'));
  await session.push(join(here, 'tree'), there);
  t.deepEqual(await listing(join(there, 'tree')), planted);
  t.deepEqual(await times(join(there, 'tree')), changed);
  await session.pull(join(there, 'tree'), join(here, 'back'));
  t.deepEqual(await listing(join(here, 'back')), planted);
  t.deepEqual(await times(join(here, 'back')), changed);
  await nothingAside(t, here);
  await nothingAside(t, there);
});

withDropbear('a file goes into a directory, or to a new name', async (t, server) => {
  await using session = await server.connect();
  const { here, there } = await folders(server);
  await writeFile(join(here, 'file'), 'one', { mode: 0o750 });
  await session.push(join(here, 'file'), there);
  await session.push(join(here, 'file'), `${there}/`);
  await session.push(join(here, 'file'), join(there, 'other name'));
  await session.push(join(here, 'file'), '~/at home');
  t.deepEqual(await listing(there), { file: '750 one', 'other name': '750 one' });
  await session.pull('at home', here);
  await session.pull(join(there, 'file'), join(here, 'renamed'));
  t.deepEqual(await listing(here), { 'at home': '750 one', file: '750 one', renamed: '750 one' });
});

withDropbear('a file takes the place of another', async (t, server) => {
  await using session = await server.connect();
  const { here, there } = await folders(server);
  await writeFile(join(here, 'new'), 'new', { mode: 0o600 });
  await writeFile(join(there, 'old'), 'old', { mode: 0o666 });
  await session.push(join(here, 'new'), join(there, 'old'));
  t.deepEqual(await listing(there), { old: '600 new' });
  await session.pull(join(there, 'old'), join(here, 'new'));
  t.deepEqual(await listing(here), { new: '600 new' });
});

withDropbear('a directory is merged into one that is there', async (t, server) => {
  await using session = await server.connect();
  const { here, there } = await folders(server);
  await mkdir(join(here, 'd'), { mode: 0o755 });
  await mkdir(join(there, 'd'), { mode: 0o755 });
  await writeFile(join(here, 'd', 'mine'), 'mine', { mode: 0o644 });
  await writeFile(join(there, 'd', 'yours'), 'yours', { mode: 0o644 });
  await session.push(join(here, 'd'), there);
  t.deepEqual(await listing(there), { d: '755/', 'd/mine': '644 mine', 'd/yours': '644 yours' });
  await session.pull(join(there, 'd'), here);
  t.deepEqual(await listing(here), { d: '755/', 'd/mine': '644 mine', 'd/yours': '644 yours' });
});

withDropbear('a link that is named is followed', async (t, server) => {
  await using session = await server.connect();
  const { here, there } = await folders(server);
  await writeFile(join(here, 'file'), 'content', { mode: 0o644 });
  await symlink('file', join(here, 'link'));
  await session.push(join(here, 'link'), there);
  t.deepEqual(await listing(there), { link: '644 content' });
  await symlink('link', join(there, 'link to it'));
  await session.pull(join(there, 'link to it'), join(here, 'back'));
  t.like(await listing(here), { back: '644 content' });
});

withDropbear('what cannot be copied is an error that says why, and leaves nothing', async (t, server) => {
  await using session = await server.connect();
  const { here, there } = await folders(server);
  await mkdir(join(here, 'directory'));
  await writeFile(join(here, 'file'), 'x', { mode: 0o644 });
  await writeFile(join(there, 'file'), 'y', { mode: 0o644 });
  await mkdir(join(there, 'sub', 'file'), { recursive: true });
  const refuse = async (copy: Promise<void>, why: RegExp): Promise<void> => {
    const error = await t.throwsAsync(copy, { instanceOf: TransferError });
    t.regex(error.message, why);
  };
  await refuse(session.push(join(here, 'nothing'), there), /no such file/i);
  await refuse(session.push(join(here, 'file'), '/no/such/place/file'), /no directory/);
  await refuse(session.push(join(here, 'file'), join(there, 'sub')), /is a directory/);
  await refuse(session.push(join(here, 'directory'), join(there, 'file')), /is not a directory/);
  await refuse(session.pull(join(there, 'nothing'), here), /no such file/);
  await refuse(session.pull(join(there, 'file'), '/no/such/place/file'), /no such file/i);
  await refuse(session.pull(join(there, 'sub'), join(here, 'file')), /is not a directory/);
  await refuse(session.pull('/dev/null', here), /neither a file nor a directory/);
  await nothingAside(t, here);
  await nothingAside(t, there);
  t.like(await listing(there), { file: '644 y' });
});

withDropbear('progress counts up; an abort leaves nothing on either side', async (t, server) => {
  await using session = await server.connect();
  const { here, there } = await folders(server);
  await writeFile(join(here, 'big'), Buffer.alloc(6 * 1024 * 1024, 'x'));
  const counts: number[] = [];
  await session.push(join(here, 'big'), there, undefined, (bytes) => counts.push(bytes));
  t.deepEqual(
    counts,
    counts.toSorted((a, b) => a - b),
  );
  t.true((counts.at(-1) ?? 0) >= 6 * 1024 * 1024);

  for (const direction of ['push', 'pull'] as const) {
    const stop = new AbortController();
    const enough = (bytes: number): void => {
      if (bytes > 1024 * 1024) stop.abort(new Error('enough'));
    };
    const copy =
      direction === 'push'
        ? session.push(join(here, 'big'), join(there, 'again'), stop.signal, enough)
        : session.pull(join(there, 'big'), join(here, 'again'), stop.signal, enough);
    await t.throwsAsync(copy, { message: 'enough' });
  }
  t.deepEqual(await readdir(here), ['big']);
  // The caller of what is cancelled waits half a second at most; on a busy host the other side takes longer.
  const wait = { what: 'the end of what was set aside', deadlineMs: 10_000, everyMs: 20, clock: systemClock };
  await pollUntil(wait, async () => (await readdir(there)).length === 1 || undefined);
  t.deepEqual(await readdir(there), ['big']);
});

/** What a copy leaves out, by the error that says so. */
async function leftOut(t: ExecutionContext, copy: Promise<void>): Promise<readonly string[]> {
  const error = await t.throwsAsync(copy, { instanceOf: TransferError });
  t.is(error.exitCode, 9);
  return [...error.excerpt].sort();
}

/** A name in Latin-1. */
const LATIN = Buffer.from('a\xe9', 'latin1');

withDropbear('what cannot be copied of a tree is named, and the rest is copied', async (t, server) => {
  await using session = await server.connect();
  const { here, there } = await folders(server);
  const tree = join(here, 'tree');
  await mkdir(join(tree, 'sub'), { recursive: true });
  await writeFile(Buffer.concat([Buffer.from(`${tree}/`), LATIN]), 'x');
  await systemProcesses.succeed(['mkfifo', join(tree, 'sub', 'fifo')]);
  await systemProcesses.succeed(['mknod', join(tree, 'zero'), 'c', '1', '5']);
  for (const name of ['f1', 'f2', 'sub/f3']) await writeFile(join(tree, name), name, { mode: 0o644 });

  t.deepEqual(await leftOut(t, session.push(tree, there)), [
    'a\u00e9: its name is not UTF-8',
    'sub/fifo: neither a file nor a directory nor a link',
    'zero: neither a file nor a directory nor a link',
  ]);
  const rest = { f1: '644 f1', f2: '644 f2', sub: '755/', 'sub/f3': '644 sub/f3' };
  t.deepEqual(await listing(join(there, 'tree')), rest);

  t.deepEqual(await leftOut(t, session.pull(tree, join(here, 'back'))), [
    'a\ufffd: its name is not UTF-8',
    'sub/fifo: neither a file nor a directory nor a link',
    'zero: neither a file nor a directory nor a link',
  ]);
  t.deepEqual(await listing(join(here, 'back')), rest);
  await nothingAside(t, here);
  await nothingAside(t, there);
});

withDropbear('a file that claims to be empty, and one that claims a page, come whole', async (t, server) => {
  await using session = await server.connect();
  const { here, there } = await folders(server);
  const version = await readFile('/proc/version', 'latin1');
  const online = await readFile('/sys/devices/system/cpu/online', 'latin1');
  await session.push('/proc/version', there);
  await session.push('/sys/devices/system/cpu/online', there);
  await session.pull('/proc/version', here);
  await session.pull('/sys/devices/system/cpu/online', here);
  for (const folder of [here, there])
    t.deepEqual(await listing(folder), { online: `444 ${online}`, version: `444 ${version}` });
});

withDropbear('a device that is named is written through', async (t, server) => {
  await using session = await server.connect();
  const { here, there } = await folders(server);
  await writeFile(join(here, 'file'), 'x');
  for (const folder of [here, there])
    await systemProcesses.succeed(['mknod', join(folder, 'null'), 'c', '1', '3']);
  await session.push(join(here, 'file'), join(there, 'null'));
  await session.pull(join(here, 'file'), join(here, 'null'));
  for (const folder of [here, there]) t.true((await lstat(join(folder, 'null'))).isCharacterDevice());
});

withDropbear('in a tree, no link is followed and no device replaced', async (t, server) => {
  await using session = await server.connect();
  const { there } = await folders(server);
  const target = join(server.folder, 'target');
  const outside = join(server.folder, 'outside');
  for (const folder of [target, outside]) await mkdir(folder);
  await writeFile(join(outside, 'file'), 'mine', { mode: 0o600 });
  await symlink(join(outside, 'file'), join(target, 'link'));
  await symlink(outside, join(target, 'folder'));
  await systemProcesses.succeed(['mknod', join(target, 'null'), 'c', '1', '3']);
  const tree = join(there, 'target');
  await mkdir(join(tree, 'folder'), { recursive: true });
  for (const name of ['link', 'folder/file', 'null', 'new']) await writeFile(join(tree, name), 'theirs');
  const before = await listing(outside);
  const obstacles = [
    'folder: there is something other than a directory',
    'link: there is a link',
    'null: there is neither a file nor a directory',
  ];
  t.deepEqual(await leftOut(t, session.pull(tree, server.folder)), obstacles);
  t.deepEqual(await leftOut(t, session.push(tree, server.folder)), obstacles);
  t.deepEqual(await listing(outside), before);
  t.true((await lstat(join(target, 'null'))).isCharacterDevice());
  t.is(await readFile(join(target, 'new'), 'utf8'), 'theirs');
  await nothingAside(t, target);
});

withDropbear('a full disk is an error that says so, and leaves nothing', async (t, server) => {
  const { here } = await folders(server);
  const small = join(server.folder, 'small');
  await mkdir(small);
  await mkdir(join(here, 'tree'));
  await writeFile(join(here, 'tree', 'big'), Buffer.alloc(5_000_000, 'x'));
  // Before the server starts, which has a mount namespace of its own.
  await systemProcesses.succeed(['mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]);
  try {
    await using session = await server.connect();
    for (const direction of ['pull', 'push'] as const) {
      const copy = session[direction](join(here, 'tree'), small);
      const error = await t.throwsAsync(copy, { instanceOf: TransferError });
      t.regex(error.message, /no space left/);
    }
    t.deepEqual(await readdir(small), []);
  } finally {
    await systemProcesses.succeed(['umount', small]);
  }
});

withDropbear('a node that dies ends a copy, and leaves nothing here', async (t, server) => {
  await using session = await server.connect();
  const { here, there } = await folders(server);
  await writeFile(join(there, 'big'), Buffer.alloc(64 * 1024 * 1024, 'x'));
  let killed: Promise<void> | undefined;
  const pull = session.pull(join(there, 'big'), here, undefined, () => {
    killed ??= server.kill();
  });
  await t.throwsAsync(pull, { instanceOf: RemoteError, code: 'E_SSH_LOST' });
  await killed;
  t.deepEqual(await readdir(here), []);
});

withDropbear('zeros take no room', async (t, server) => {
  await using session = await server.connect();
  const { here, there } = await folders(server);
  const bytes = 4 * 1024 * 1024;
  await writeFile(join(here, 'holes'), 'x');
  await truncate(join(here, 'holes'), bytes);
  await session.push(join(here, 'holes'), there);
  await session.pull(join(there, 'holes'), join(here, 'back'));
  for (const path of [join(there, 'holes'), join(here, 'back')]) {
    const { size, blocks } = await stat(path);
    t.is(size, bytes);
    t.true(blocks * 512 < bytes / 16, `${blocks} blocks`);
    t.is(await readFile(path, 'latin1'), `x${'\0'.repeat(bytes - 1)}`);
  }
});
