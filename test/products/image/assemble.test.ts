// SPDX-License-Identifier: MIT
import test, { type ExecutionContext } from 'ava';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../../testbed/base/host/paths.js';
import { buildImage } from '../../../testbed/products/image/build-image.js';
import { ImageConflictError, ImageInputError } from '../../../testbed/products/image/errors.js';
import type { ImageProduct } from '../../../testbed/products/image/image-product.js';
import { temporaryFolder, testContext } from './test-context.js';

/** Builds an image that a project of its own declares, with the package cache of the user. */
async function build(t: ExecutionContext, declaration: object): Promise<ImageProduct> {
  const project = await temporaryFolder(t);
  await mkdir(join(project, 'images'));
  await mkdir(join(project, 'guests'));
  const schema = 'images/image.schema.json';
  await copyFile(join(projectRoot(), schema), join(project, schema));
  await writeFile(join(project, 'guests', 'greeting.sh'), 'echo hello\n');
  await writeFile(
    join(project, 'images', 'small.json'),
    JSON.stringify({ kind: 'initramfs', ...declaration }),
  );
  return await buildImage(testContext({ paths: { project } }), 'small');
}

test('a package that is taken whole comes without its documentation', async (t) => {
  const { bytes, packages } = await build(t, { packages: { 'busybox-static': {} } });
  t.regex(packages.join(), /^busybox-static \S+$/);
  const kept = await build(t, { packages: { 'busybox-static': { keep: ['bin/busybox'] } } });
  t.true(bytes < kept.bytes + 8 * 1024);
});

test('a pattern that nothing in its package matches is an error', async (t) => {
  await t.throwsAsync(
    build(t, { packages: { 'busybox-static': { keep: ['bin/busybox', 'bin/lazybox'] } } }),
    {
      instanceOf: ImageInputError,
      message: 'package busybox-static has nothing that matches bin/lazybox',
    },
  );
});

test('a file of the project that is not there is an error, a pattern takes all that match', async (t) => {
  await t.notThrowsAsync(build(t, { files: [{ from: 'guests/*.sh', to: '/usr/lib/testbed' }] }));
  await t.throwsAsync(build(t, { files: [{ from: 'guests/*.pl', to: '/usr/lib/testbed' }] }), {
    instanceOf: ImageInputError,
    message: /guests\/\*\.pl, which an image declares, matches no file/,
  });
});

test('two things at one path are an error', async (t) => {
  const files = [{ from: 'guests/greeting.sh', to: '/bin/greeting' }];
  await t.throwsAsync(build(t, { files, links: { busybox: ['/usr/bin/greeting'] } }), {
    instanceOf: ImageConflictError,
    message: '/usr/bin/greeting of a guest image is a file already and cannot become a symlink',
  });
});
