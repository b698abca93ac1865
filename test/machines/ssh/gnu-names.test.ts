// SPDX-License-Identifier: MIT
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import test from 'ava';
import tar from 'tar-fs';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';
import { gnuNames } from '../../../testbed/machines/ssh/gnu-names.js';

const busybox = await systemProcesses.run(['busybox', 'tar', '--help']).then(
  () => true,
  () => false,
);
const [withBusybox, why] = busybox ? [test, ''] : [test.skip, ' (this host: no busybox)'];

const NAMES = [
  'plain',
  'a'.repeat(99),
  'b'.repeat(100),
  'c'.repeat(101),
  'é',
  '漢'.repeat(80),
  'line\nbreak',
];

/** A tree with these names, as tar-fs packs it. */
async function packed(): Promise<{ archive: Buffer; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'testbed-tar-'));
  await mkdir(join(folder, 'in'));
  for (const name of NAMES) await writeFile(join(folder, 'in', name), name.repeat(50));
  await symlink(`/${'far/'.repeat(50)}`, join(folder, 'in', 'link'));
  const archive = await buffer(tar.pack(join(folder, 'in')) as AsyncIterable<Buffer>);
  return { archive, folder };
}

/** The archive in pieces of a length. */
function* inPieces(archive: Buffer, bytes: number): Generator<Buffer> {
  for (let at = 0; at < archive.length; at += bytes) yield archive.subarray(at, at + bytes);
}

async function rewritten(archive: Buffer, bytes: number): Promise<Buffer> {
  return await buffer(gnuNames(Readable.from(inPieces(archive, bytes)) as AsyncIterable<Buffer>));
}

withBusybox(`busybox finds every name in a rewritten archive, and every content${why}`, async (t) => {
  const { archive, folder } = await packed();
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const out = join(folder, 'out');
  await mkdir(out);
  await systemProcesses.succeed(['busybox', 'tar', '-x', '-f', '-', '-C', out], {
    input: await rewritten(archive, 4096),
  });
  const { stdout, code } = await systemProcesses.run([
    'diff',
    '-r',
    '--no-dereference',
    join(folder, 'in'),
    out,
  ]);
  t.is(stdout, '');
  t.is(code, 0);
});

test('it does not matter how the stream is cut', async (t) => {
  const { archive, folder } = await packed();
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const whole = await rewritten(archive, archive.length);
  for (const bytes of [1, 511, 512, 513])
    t.true(whole.equals(await rewritten(archive, bytes)), `${bytes} bytes`);
});

test('an archive without such names passes as it is', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'testbed-tar-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'file'), 'content');
  const archive = await buffer(tar.pack(folder) as AsyncIterable<Buffer>);
  t.true(archive.equals(await rewritten(archive, 1000)));
});
