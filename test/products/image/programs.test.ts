// SPDX-License-Identifier: MIT
import test, { type ExecutionContext } from 'ava';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stage } from '../../../testbed/base/event/stage.js';
import type { Context } from '../../../testbed/base/host/context.js';
import { ImageInputError, ProgramBuildError } from '../../../testbed/products/image/errors.js';
import { buildPrograms, type BuiltPrograms } from '../../../testbed/products/image/programs.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';
import { temporaryFolder, testContext } from './test-context.js';

const MAKEFILE = '$(O)/hello: hello.c\n\tgcc -static -g -o $@ $<\n';
const HELLO = '#include <stdio.h>\nint main(void) { return puts(__FILE__) < 0; }\n';

async function projectWith(t: ExecutionContext, sources: Readonly<Record<string, string>>): Promise<string> {
  const project = await temporaryFolder(t);
  await mkdir(join(project, 'guests/hello'), { recursive: true });
  for (const [name, text] of Object.entries(sources)) {
    await writeFile(join(project, 'guests/hello', name), text);
  }
  return project;
}

async function build(context: Context): Promise<BuiltPrograms> {
  return await stage(context, 'programs', 'programs', (current) => buildPrograms(context, 'hello', current));
}

test('the programs of a folder are the same bytes wherever they are built', async (t) => {
  const bytes = [];
  for (let time = 0; time < 2; time += 1) {
    const project = await projectWith(t, { Makefile: MAKEFILE, 'hello.c': HELLO });
    const context = testContext({ paths: { project, cache: join(project, 'cache') } });
    const { folder } = await build(context);
    t.deepEqual(await readdir(folder), ['hello']);
    t.is((await systemProcesses.succeed([join(folder, 'hello')])).stdout, 'hello.c\n');
    bytes.push((await systemProcesses.succeed(['sha256sum', '-z', 'hello'], { cwd: folder })).stdout);
  }
  t.is(bytes[0], bytes[1]);
});

test('a header that is a link is a source like any other', async (t) => {
  const project = await projectWith(t, {
    Makefile: '$(O)/hello: hello.c hello.h\n\tgcc -static -o $@ $<\n',
    'hello.c': '#include <stdio.h>\n#include "hello.h"\nint main(void) { return puts(WHOM) < 0; }\n',
  });
  await symlink('../../shared.h', join(project, 'guests/hello/hello.h'));
  const context = testContext({ paths: { project, cache: join(project, 'cache') } });
  for (const whom of ['kernel', 'user']) {
    await writeFile(join(project, 'shared.h'), `#define WHOM "${whom}"\n`);
    const { folder } = await build(context);
    t.is((await systemProcesses.succeed([join(folder, 'hello')])).stdout, `${whom}\n`);
  }
});

test('unchanged sources are not built again, changed ones are', async (t) => {
  const project = await projectWith(t, { Makefile: MAKEFILE, 'hello.c': HELLO });
  const context = testContext({ paths: { project, cache: join(project, 'cache') } });
  const first = await build(context);
  const watched = testContext({
    ...context,
    processes: {
      ...systemProcesses,
      succeed: async (argv, options) => {
        t.not(argv[0], 'make');
        return await systemProcesses.succeed(argv, options);
      },
    },
  });
  t.deepEqual(await build(watched), first);
  await writeFile(join(project, 'guests/hello/hello.c'), HELLO.replace('__FILE__', '"changed"'));
  t.not((await build(context)).key, first.key);
});

test('a program that does not compile: the first error, and the lines around it', async (t) => {
  const project = await projectWith(t, { Makefile: MAKEFILE, 'hello.c': 'int main(void) { return x; }\n' });
  const error = await t.throwsAsync(
    build(testContext({ paths: { project, cache: join(project, 'cache') } })),
    {
      instanceOf: ProgramBuildError,
      message: /guests\/hello does not build: hello\.c:1:\d+: error: .x. undeclared/,
    },
  );
  t.true(error.excerpt.length > 0);
});

test('a folder that is not there, or makes nothing, is an error', async (t) => {
  const nothing = await projectWith(t, { Makefile: 'all:\n' });
  await t.throwsAsync(build(testContext({ paths: { project: nothing, cache: join(nothing, 'cache') } })), {
    instanceOf: ImageInputError,
    message: /leaves no program/,
  });
  const empty = await temporaryFolder(t);
  await t.throwsAsync(build(testContext({ paths: { project: empty, cache: join(empty, 'cache') } })), {
    instanceOf: ImageInputError,
    message: /there is no guests\/hello/,
  });
});
