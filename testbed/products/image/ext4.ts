// SPDX-License-Identifier: MIT
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { Context } from '../../base/host/context.js';
import { IMAGE_TIME } from './cpio.js';
import { ImageWriteError } from './errors.js';
import type { Inode, RootTree } from './root-tree.js';

const MIB = 1024 * 1024;

/** The features that Linux 2.6.38 can mount. All are named, so that the host's mke2fs.conf has no effect. */
const FEATURES = [
  'has_journal',
  'ext_attr',
  'dir_index',
  'filetype',
  'extent',
  'flex_bg',
  'sparse_super',
  'large_file',
  'extra_isize',
];

/** Fixed, since mke2fs would take it from a random generator. */
const VOLUME_ID = '7e57bed0-0077-4000-8000-000000000001';

/** ext2fs uses this as the current time (e2fsprogs, lib/ext2fs). */
const ENVIRONMENT = { E2FSPROGS_FAKE_TIME: String(IMAGE_TIME), MKE2FS_CONFIG: '/dev/null', LC_ALL: 'C' };

/**
 * Writes a tree as a raw ext4 file system, without root and without mounting it. debugfs(8) makes each inode with the
 * given owner, mode and times, and e2fsck checks the result.
 * @param scratch - a folder for the script of debugfs and for content that is not in a file yet
 * @throws ImageWriteError when it does not fit, or when e2fsck finds a fault
 */
export async function writeExt4(
  context: Context,
  tree: RootTree,
  path: string,
  megabytes: number,
  scratch: string,
): Promise<void> {
  const file = await open(path, 'w');
  await file.truncate(megabytes * MIB);
  await file.close();
  const run = { signal: context.signal, env: ENVIRONMENT };
  await context.processes.succeed(
    [
      'mke2fs',
      ...['-q', '-F', '-t', 'ext4', '-b', '4096', '-I', '256', '-m', '0'],
      ...['-O', ['none', ...FEATURES].join(','), '-L', 'testbed-root', '-U', VOLUME_ID],
      ...['-E', `hash_seed=${VOLUME_ID},lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0`],
      path,
    ],
    run,
  );
  const script = join(scratch, 'debugfs.script');
  await writeFile(script, await debugfsScript(tree, scratch));
  const filled = await context.processes.succeed(['debugfs', '-w', '-f', script, path], run);
  // debugfs always exits with 0. Apart from its version, all that it writes to stderr is an error.
  const complaints = filled.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('debugfs '));
  if (complaints.length > 0) {
    throw new ImageWriteError(`the files do not fit into ${megabytes} MiB of ext4`, { excerpt: complaints });
  }
  const checked = await context.processes.run(['e2fsck', '-f', '-n', path], run);
  if (checked.code !== 0) {
    throw new ImageWriteError('the ext4 image is not clean', { excerpt: checked.stdout.split('\n') });
  }
}

async function debugfsScript(tree: RootTree, scratch: string): Promise<string> {
  const contents = join(scratch, 'contents');
  await mkdir(contents);
  const lines: string[] = [];
  for (const [path, inode] of tree.entries()) {
    lines.push(...(await creation(path, inode, contents)), ...ownership(path, inode));
  }
  return `${lines.join('\n')}\n`;
}

/** `write` and `mknod` make a name in the current folder, `mkdir` and `symlink` take a path. */
async function creation(path: string, inode: Inode, contents: string): Promise<readonly string[]> {
  const enter = `cd ${quote(`/${posix.dirname(path)}`)}`;
  const name = quote(posix.basename(path));
  switch (inode.type) {
    case 'directory':
      return [enter, `mkdir ${name}`];
    case 'symlink':
      return [enter, `symlink ${name} ${quote(inode.target)}`];
    case 'character-device':
      return [enter, `mknod ${name} c ${inode.major} ${inode.minor}`];
    case 'file':
      return [enter, `write ${quote(await onHost(path, inode.content, contents))} ${name}`];
  }
}

async function onHost(
  path: string,
  content: (Inode & { type: 'file' })['content'],
  contents: string,
): Promise<string> {
  if (!Buffer.isBuffer(content)) return content.path;
  const place = join(contents, path.replaceAll('/', '+'));
  await writeFile(place, content);
  return place;
}

const FILE_TYPE: Readonly<Record<Inode['type'], number>> = {
  file: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
  'character-device': 0o020000,
};

function ownership(path: string, inode: Inode): readonly string[] {
  const fields: readonly (readonly [string, string])[] = [
    ['mode', `0${(FILE_TYPE[inode.type] | inode.mode).toString(8)}`],
    ['uid', String(inode.uid)],
    ['gid', String(inode.gid)],
    ...['atime', 'ctime', 'mtime', 'crtime'].map((name) => [name, `@${IMAGE_TIME}`] as const),
  ];
  return fields.map(([field, value]) => `set_inode_field ${quote(`/${path}`)} ${field} ${value}`);
}

/** An argument of a debugfs command (libss): within quotes, a quote is written twice. */
function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
