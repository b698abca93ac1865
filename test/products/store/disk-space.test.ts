// SPDX-License-Identifier: MIT
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { byteText } from '../../../testbed/products/store/byte-text.js';
import { freeBytes, requireSpace } from '../../../testbed/products/store/disk-space.js';
import { DiskFullError } from '../../../testbed/products/store/errors.js';

test('free space is that of the nearest folder that exists', async (t) => {
  t.true((await freeBytes(join(tmpdir(), 'not', 'made', 'yet'))) > 0);
});

test('too little space is refused before anything is begun', async (t) => {
  await t.notThrowsAsync(requireSpace(tmpdir(), 1, 'a byte'));
  const error = await t.throwsAsync(requireSpace(tmpdir(), Number.MAX_SAFE_INTEGER, 'everything'), {
    instanceOf: DiskFullError,
  });
  t.is(error.exitCode, 4);
  t.regex(error.message, /^everything needs 8192\.0 TiB/);
});

test('bytes are said in the unit that suits them', (t) => {
  t.is(byteText(512), '512 bytes');
  t.is(byteText(6 * 2 ** 30), '6.0 GiB');
});
