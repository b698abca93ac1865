// SPDX-License-Identifier: MIT
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { readRegularFile } from '../../../testbed/base/host/read-file.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';
import { temporaryFolder } from '../../products/image/test-context.js';

test('a file is read; what might never end is refused by name', async (t) => {
  const folder = await temporaryFolder(t);
  const [file, pipe] = [join(folder, 'file'), join(folder, 'pipe')];
  await writeFile(file, 'text');
  await systemProcesses.succeed(['mkfifo', pipe]);
  t.is(await readRegularFile(file), 'text');
  await t.throwsAsync(readRegularFile(pipe), { message: `${pipe} is a pipe or a device, not a file` });
  await t.throwsAsync(readRegularFile('/dev/zero'), { message: /device/ });
  await t.throwsAsync(readRegularFile(folder), { code: 'EISDIR' });
  await t.throwsAsync(readRegularFile(join(folder, 'no')), { code: 'ENOENT' });
});
