// SPDX-License-Identifier: MIT
import test from 'ava';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readCpio } from '../../../testbed/products/image/cpio.js';
import { identityInitrd } from '../../../testbed/products/image/identity-initrd.js';
import { modulesInitrd } from '../../../testbed/products/image/modules.js';
import type { KernelProduct } from '../../../testbed/products/kernel/line/kernel-product.js';
import { temporaryFolder, testContext } from './test-context.js';

test('an identity has files only: the image has the folders, with their modes', async (t) => {
  const archive = await identityInitrd([
    { path: 'root/.ssh/authorized_keys', mode: 0o600, content: 'ssh-ed25519 AAAA\n' },
    { path: 'etc/hostname', mode: 0o644, content: Buffer.from('node1\n') },
  ]);
  const members = [...readCpio(archive)].map(({ path, mode, content }) => [path, mode, content.toString()]);
  t.deepEqual(members, [
    ['etc/hostname', 0o100644, 'node1\n'],
    ['root/.ssh/authorized_keys', 0o100600, 'ssh-ed25519 AAAA\n'],
  ]);
  t.is(archive.length % 4, 0);
});

test("a kernel's modules are laid over the image, without links to where they were built", async (t) => {
  const folder = await temporaryFolder(t);
  const release = join(folder, 'tree/lib/modules/6.1.0');
  await mkdir(join(release, 'extra'), { recursive: true });
  await writeFile(join(release, 'extra/hello.ko'), 'module');
  await writeFile(join(release, 'modules.dep'), 'extra/hello.ko:\n');
  await symlink('/somewhere/else', join(release, 'build'));
  const kernel = { key: 'k1', line: 'linux-6.1', variant: 'release', modules: join(folder, 'tree') };
  const context = testContext({ paths: { cache: join(folder, 'cache') } });
  const path = await modulesInitrd(context, kernel as KernelProduct);
  const paths = [...readCpio(await readFile(path))].map((member) => member.path);
  t.deepEqual(paths.slice(3), [
    'usr/lib/modules/6.1.0',
    'usr/lib/modules/6.1.0/extra',
    'usr/lib/modules/6.1.0/extra/hello.ko',
    'usr/lib/modules/6.1.0/modules.dep',
  ]);
  t.is(await modulesInitrd(context, kernel as KernelProduct), path, 'and the second time it is found');
});
