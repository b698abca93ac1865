// SPDX-License-Identifier: MIT
import test from 'ava';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IMAGE_TIME, readCpio, writeCpio, type CpioMember } from '../../../testbed/products/image/cpio.js';
import type { Inode } from '../../../testbed/products/image/root-tree.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';
import { temporaryFolder } from './test-context.js';

type Entry = readonly [path: string, inode: Inode];

const root = { uid: 0, gid: 0 };

const ENTRIES: readonly Entry[] = [
  ['dev', { type: 'directory', mode: 0o755, ...root }],
  ['dev/console', { type: 'character-device', mode: 0o600, major: 5, minor: 1, ...root }],
  ['empty', { type: 'file', mode: 0o644, content: Buffer.alloc(0), ...root }],
  ['init', { type: 'file', mode: 0o755, content: Buffer.from('#!/bin/sh\n'), ...root }],
  ['link', { type: 'symlink', mode: 0o777, target: 'usr/bin/é', ...root }],
  ['setuid', { type: 'file', mode: 0o4755, uid: 1000, gid: 8, content: Buffer.from('x') }],
];

const hasCpio = existsSync('/usr/bin/cpio');
const testWithCpio = hasCpio ? test : test.skip;
const unless = hasCpio ? '' : ' (Debian package cpio is not installed)';

async function archive(entries: readonly Entry[]): Promise<Buffer> {
  const chunks = [];
  for await (const chunk of writeCpio(entries)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function byPath(members: Iterable<CpioMember>): Map<string, CpioMember> {
  return new Map([...members].map((member) => [member.path, member]));
}

test('what is written is read back', async (t) => {
  const members = byPath(readCpio(await archive(ENTRIES)));
  t.deepEqual(
    [...members.keys()],
    ENTRIES.map(([path]) => path),
  );
  t.is(members.get('dev')?.mode, 0o040755);
  t.is(members.get('init')?.content.toString(), '#!/bin/sh\n');
  t.is(members.get('link')?.content.toString(), 'usr/bin/é');
  const { mode, uid, gid, mtime } = members.get('setuid') ?? {};
  t.deepEqual({ mode, uid, gid, mtime }, { mode: 0o104755, uid: 1000, gid: 8, mtime: IMAGE_TIME });
  const { major, minor, mode: deviceMode } = members.get('dev/console') ?? {};
  t.deepEqual({ major, minor, deviceMode }, { major: 5, minor: 1, deviceMode: 0o020600 });
});

testWithCpio(`cpio(1) understands what is written${unless}`, async (t) => {
  const { stdout } = await systemProcesses.succeed(['cpio', '-itv', '--numeric-uid-gid', '--quiet'], {
    input: await archive(ENTRIES),
    env: { LC_ALL: 'C', TZ: 'UTC' },
  });
  t.deepEqual(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/ +/g, ' ')),
    [
      'drwxr-xr-x 2 0 0 0 Sep 9 2001 dev',
      'crw------- 1 0 0 5, 1 Sep 9 2001 dev/console',
      '-rw-r--r-- 1 0 0 0 Sep 9 2001 empty',
      '-rwxr-xr-x 1 0 0 10 Sep 9 2001 init',
      'lrwxrwxrwx 1 0 0 10 Sep 9 2001 link -> usr/bin/é',
      '-rwsr-xr-x 1 1000 8 1 Sep 9 2001 setuid',
    ],
  );
});

testWithCpio(`what cpio(1) writes is read${unless}`, async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'a file'), 'content');
  await systemProcesses.succeed(['cpio', '-o', '-H', 'newc', '-O', 'out.cpio', '--quiet'], {
    cwd: folder,
    input: 'a file\n',
  });
  const members = byPath(readCpio(await readFile(join(folder, 'out.cpio'))));
  t.is(members.get('a file')?.content.toString(), 'content');
});

test('the same entries make the same bytes, on a boundary that another archive can follow', async (t) => {
  const first = await archive(ENTRIES);
  t.deepEqual(await archive(ENTRIES), first);
  t.is(first.length % 512, 0);
});

test('content may come from a file of the host, which must not change meanwhile', async (t) => {
  const path = join(await temporaryFolder(t), 'content');
  await writeFile(path, 'from the host');
  const entry = (bytes: number): Entry => [
    'file',
    { type: 'file', mode: 0o644, content: { path, bytes }, ...root },
  ];
  const members = byPath(readCpio(await archive([entry(13)])));
  t.is(members.get('file')?.content.toString(), 'from the host');
  await t.throwsAsync(archive([entry(12)]), { message: /changed while it was read/ });
});

test('bytes that are no archive, or end too early, are refused', async (t) => {
  t.throws(() => [...readCpio(Buffer.from('nothing of the kind'))], {
    instanceOf: RangeError,
    message: /no newc header at byte 0/,
  });
  const whole = await archive(ENTRIES);
  t.throws(() => [...readCpio(whole.subarray(0, 600))], { instanceOf: RangeError });
});
