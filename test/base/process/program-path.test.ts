// SPDX-License-Identifier: MIT
import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { ProgramMissingError } from '../../../testbed/base/process/errors.js';
import { programPath } from '../../../testbed/base/process/program-path.js';
import { temporaryFolder } from '../../products/image/test-context.js';

test('a program is the first one that can be executed, behind all links', async (t) => {
  const folder = await realpath(await temporaryFolder(t));
  const [plain, real, linked] = ['plain', 'real', 'linked'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const place of [plain, real, linked]) await mkdir(place);
  await writeFile(join(plain, 'tool'), 'not to be executed', { mode: 0o644 });
  await writeFile(join(real, 'tool-1.0'), '#!/bin/sh\n', { mode: 0o755 });
  await symlink('../real/tool-1.0', join(linked, 'tool'));
  t.is(await programPath('tool', `${plain}::${linked}:${real}`), join(real, 'tool-1.0'));
  await t.throwsAsync(programPath('tool', plain), { instanceOf: ProgramMissingError });
});
