// SPDX-License-Identifier: MIT
import test, { type ExecutionContext } from 'ava';
import { copyFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readDeclaration } from '../../../testbed/products/image/declaration.js';
import { ImageDeclarationError } from '../../../testbed/products/image/errors.js';
import { projectRoot } from '../../../testbed/base/host/paths.js';
import { temporaryFolder } from './test-context.js';

const IMAGES = join(projectRoot(), 'images');

async function imagesWith(t: ExecutionContext, files: Readonly<Record<string, unknown>>): Promise<string> {
  const folder = await temporaryFolder(t);
  await copyFile(join(IMAGES, 'image.schema.json'), join(folder, 'image.schema.json'));
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    await writeFile(join(folder, `${name}.json`), text);
  }
  return folder;
}

async function problemsOf(t: ExecutionContext, content: unknown): Promise<readonly string[]> {
  const images = await imagesWith(t, { wrong: content });
  const error = await t.throwsAsync(readDeclaration(images, 'wrong'), {
    instanceOf: ImageDeclarationError,
  });
  return error.excerpt;
}

test('every declaration of this project is one', async (t) => {
  const files = (await readdir(IMAGES)).filter(
    (file) => file.endsWith('.json') && !file.endsWith('.schema.json'),
  );
  t.true(files.length >= 3);
  for (const file of files) await t.notThrowsAsync(readDeclaration(IMAGES, file.replace('.json', '')));
});

test('all mistakes are told at once, each with its place, its value and what is allowed', async (t) => {
  const problems = await problemsOf(t, {
    kind: 'iso',
    packages: { busybox: { keep: 'bin/busybox' } },
    folders: { tmp: '1777' },
    pakages: {},
  });
  t.is(problems.length, 5);
  t.true(problems.includes('/kind is "iso"; allowed: initramfs, ext4'));
  t.true(problems.includes('/packages/busybox/keep is "bin/busybox"; must be array'));
  t.true(problems.some((line) => line.startsWith('/folders') && line.includes('pattern "^/"')));
  t.true(
    problems.some((line) =>
      line.startsWith('/pakages is {}; there is no such field; did you mean packages?'),
    ),
  );
});

test('a file that is no JSON, or is not there, says so', async (t) => {
  t.regex((await problemsOf(t, '{'))[0] ?? '', /JSON/);
  await t.throwsAsync(readDeclaration(await imagesWith(t, {}), 'absent'), {
    instanceOf: ImageDeclarationError,
    message: /images\/absent\.json .* there is no such file/,
  });
});

test('a disk needs an initramfs to boot by, an initramfs does not', async (t) => {
  t.regex((await problemsOf(t, { kind: 'ext4' })).join(), /`boot` is needed/);
  t.regex((await problemsOf(t, { kind: 'initramfs', boot: 'other' })).join(), /`boot` is needed/);
});

test('a declaration has what it extends, and adds to it', async (t) => {
  const images = await imagesWith(t, {
    base: { kind: 'initramfs', packages: { bash: {} }, files: [{ from: 'guests/a', to: '/a' }] },
    heir: { kind: 'ext4', boot: 'base', extends: 'base', packages: { strace: {} }, megabytes: 64 },
  });
  const heir = await readDeclaration(images, 'heir');
  t.deepEqual(Object.keys(heir.packages), ['bash', 'strace']);
  t.deepEqual(heir.files, [{ from: 'guests/a', to: '/a' }]);
  t.is(heir.megabytes, 64);
});

test('a declaration that extends itself, by any number of steps, is refused', async (t) => {
  const images = await imagesWith(t, {
    chicken: { kind: 'initramfs', extends: 'egg' },
    egg: { kind: 'initramfs', extends: 'chicken' },
  });
  await t.throwsAsync(readDeclaration(images, 'chicken'), { message: /it extends itself/ });
});

test('a declaration leaves out links of what it extends, and names no others', async (t) => {
  const base = { kind: 'initramfs', links: { busybox: ['/usr/bin/sort', '/usr/bin/sh'] } };
  const images = await imagesWith(t, {
    base,
    heir: { kind: 'initramfs', extends: 'base', without: ['/usr/bin/sort'] },
    wrong: { kind: 'initramfs', extends: 'base', without: ['/usr/bin/srot'] },
  });
  const { links } = await readDeclaration(images, 'heir');
  t.deepEqual(links, { busybox: ['/usr/bin/sh'] });
  await t.throwsAsync(readDeclaration(images, 'wrong'), { instanceOf: ImageDeclarationError });
});
