// SPDX-License-Identifier: MIT
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { toErrorRecord } from '../../../testbed/base/error/error-record.js';
import { reportUnusable } from '../../../testbed/base/error/unusable-path.js';
import { temporaryFolder } from '../../products/image/test-context.js';

test('what a file system refuses is no mistake of ours: path and reason are told', async (t) => {
  const full = await t.throwsAsync(writeFile('/dev/full', 'x'));
  Object.assign(full, { path: '/dev/full' });
  t.like(toErrorRecord(full), {
    code: 'E_UNUSABLE_PATH',
    exitCode: 4,
    message: '/dev/full cannot be used: no space is left on the device',
  });
  // Not even root may make anything there.
  const denied = await t.throwsAsync(mkdir('/sys/testbed/state', { recursive: true }));
  t.is(toErrorRecord(denied).message, '/sys/testbed cannot be used: permission denied');
});

test('what else is thrown stays one', (t) => {
  t.is(toErrorRecord(new Error('odd')).exitCode, 70);
  t.is(toErrorRecord(Object.assign(new Error('odd'), { code: 'EACCES' })).exitCode, 70, 'no path');
  t.is(toErrorRecord(Object.assign(new Error('odd'), { code: 'ENOENT', path: '/x' })).exitCode, 70);
});

test('a file in the way of a folder that the user has named is told with its path', async (t) => {
  const file = join(await temporaryFolder(t), 'file');
  await writeFile(file, '');
  const work = reportUnusable(join(file, 'state'), async () => mkdir(join(file, 'state')));
  await t.throwsAsync(work, { code: 'E_UNUSABLE_PATH', message: /a part of the path is not a directory/ });
});
