// SPDX-License-Identifier: MIT
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { projectRoot } from '../../testbed/base/host/paths.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import { fakeProcesses } from '../base/process/fake-processes.js';
import { checkStyle } from './c-style.js';

const verdict = await checkStyle(systemProcesses, projectRoot());
const [withClangFormat, why] =
  'skipped' in verdict ? [test.skip, ` (this host: ${verdict.skipped})`] : [test, ''];

async function projectWith(t: ExecutionContext, sources: Readonly<Record<string, string>>): Promise<string> {
  const project = await mkdtemp(join(tmpdir(), 'testbed-style-'));
  t.teardown(() => rm(project, { recursive: true }));
  await copyFile(join(projectRoot(), '.clang-format'), join(project, '.clang-format'));
  for (const folder of ['guests/hello', 'test', 'testbed', 'kernel-patches']) {
    await mkdir(join(project, folder), { recursive: true });
  }
  for (const [path, text] of Object.entries(sources)) await writeFile(join(project, path), text);
  return project;
}

withClangFormat(`a file that is not formatted is named with the line${why}`, async (t) => {
  const project = await projectWith(t, {
    'guests/hello/good.c': 'int main(void)\n{\n\treturn 0;\n}\n',
    'guests/hello/bad.c': 'int main(void)\n{\n    return 0;\n}\n',
  });
  t.deepEqual(await checkStyle(systemProcesses, project), {
    files: 2,
    faults: ['guests/hello/bad.c:2:2: not formatted'],
  });
});

withClangFormat(`a comment of more than 80 columns is a fault, a string is none${why}`, async (t) => {
  const long = 'x'.repeat(80);
  const project = await projectWith(t, {
    'testbed/long.h': `/* ${long} */\n`,
    'testbed/string.c': `const char text[] =\n\t"${long}";\n`,
  });
  t.deepEqual(await checkStyle(systemProcesses, project), {
    files: 2,
    faults: ['testbed/long.h:1: 86 columns'],
  });
});

withClangFormat(`a link is not looked at, and neither is the kernel's own C${why}`, async (t) => {
  const project = await projectWith(t, { 'kernel-patches/wire.h': 'int   x;\n' });
  await symlink('../../kernel-patches/wire.h', join(project, 'guests/hello/wire.h'));
  t.deepEqual(await checkStyle(systemProcesses, project), { files: 0, faults: [] });
});

test('with another version than the judge, nothing is checked, and that is said', async (t) => {
  const processes = fakeProcesses(() => ({ stdout: 'Debian clang-format version 19.1.7\n' }));
  t.deepEqual(await checkStyle(processes, projectRoot()), {
    skipped: "clang-format 14 is not installed, there is 19 (Debian's package is clang-format)",
  });
});
