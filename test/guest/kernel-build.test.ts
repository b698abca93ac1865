// SPDX-License-Identifier: MIT
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../testbed/base/clock/clock.js';
import type { TestbedEvent } from '../../testbed/base/event/event.js';
import type { Context } from '../../testbed/base/host/context.js';
import { projectRoot, systemPaths } from '../../testbed/base/host/paths.js';
import { buildKernel } from '../../testbed/products/kernel/build-kernel.js';
import { gitIn } from '../../testbed/products/kernel/line/git.js';
import { loadLine } from '../../testbed/products/kernel/line/line.js';
import { treePlace } from '../../testbed/products/kernel/line/place.js';
import type { KernelProduct, LineId } from '../../testbed/products/kernel/line/kernel-product.js';
import { coreFolder } from '../../testbed/products/kernel/series/core.js';
import { sourceFolder } from '../../testbed/products/kernel/source-folder.js';
import { decodeStack } from '../../testbed/products/kernel/stack.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import { Store } from '../../testbed/products/store/store.js';
import { kernelsAtHand } from './kernels-at-hand.js';

/** What was compiled for a build, as make said it. */
interface Watched {
  readonly product: KernelProduct;
  readonly compiled: readonly string[];
}

/** The project's own lines and modules, in a copy that a test may change; trees and products are the user's. */
async function copyOfProject(t: ExecutionContext): Promise<Context & { readonly seen: TestbedEvent[] }> {
  const project = await mkdtemp(join(tmpdir(), 'project-'));
  t.teardown(() => rm(project, { recursive: true, force: true }));
  await cp(join(projectRoot(), 'kernel-patches'), join(project, 'kernel-patches'), { recursive: true });
  const seen: TestbedEvent[] = [];
  return {
    paths: { ...systemPaths(), project },
    processes: systemProcesses,
    clock: systemClock,
    events: (event) => void seen.push(event),
    signal: new AbortController().signal,
    offline: true,
    seen,
  };
}

async function build(
  context: Context & { readonly seen: TestbedEvent[] },
  line: LineId,
  variant: 'release' | 'debug' = 'release',
): Promise<Watched> {
  context.seen.length = 0;
  const product = await buildKernel(context, { pinned: line, variant });
  const compiled = context.seen.flatMap((event) => {
    const step = event.type === 'command-output' ? /^ {2}CC +(?:\[M\] +)?(\S+\.o)$/.exec(event.line) : null;
    return step?.[1] === undefined ? [] : [basename(step[1])];
  });
  return { product, compiled };
}

/** Takes what only a test wanted out of the store again. */
async function forget(context: Context, product: KernelProduct, others: KernelProduct): Promise<void> {
  const store = new Store(context);
  await store.remove('kernel-modules', product.key);
  const kernel = (one: KernelProduct): string => basename(dirname(dirname(one.vmlinux)));
  if (kernel(product) !== kernel(others)) await store.remove('kernel', kernel(product));
}

for (const variant of ['release', 'debug'] as const) {
  for (const { line, missing } of kernelsAtHand(variant)) {
    const declare = missing === undefined ? test.serial : test.serial.skip;
    const because = missing === undefined ? '' : ` (${missing})`;
    declare(
      `${line}, ${variant}: the product is whole, and found again without a make${because}`,
      async (t) => {
        const context = await copyOfProject(t);
        const { product, compiled } = await build(context, line, variant);
        t.deepEqual(compiled, []);
        t.is(context.seen.find((event) => event.type === 'stage-finished')?.outcome, 'unchanged');
        await saysWhatItIs(t, context, product);
        await hasModules(t, context, product);
        await decodes(t, context, product);
      },
    );
  }
}

async function saysWhatItIs(t: ExecutionContext, context: Context, product: KernelProduct): Promise<void> {
  const { version } = await loadLine(context.paths, product.line);
  t.true(product.release.startsWith(version));
  t.true(product.release.endsWith('-elasticos'));
  const vmlinux = await readFile(product.vmlinux);
  t.true(vmlinux.includes(`Linux version ${product.release} (testbed@elasticos)`));
  // KASAN names the file of each global variable as gcc was given it, whatever -ffile-prefix-map says.
  if (product.variant === 'release') {
    t.false(vmlinux.includes(context.paths.cache), 'it does not tell where it was built');
  }
}

async function hasModules(t: ExecutionContext, context: Context, product: KernelProduct): Promise<void> {
  const folder = join(product.modules, 'lib', 'modules', product.release);
  const dependencies = await readFile(join(folder, 'modules.dep'), 'utf8');
  t.regex(dependencies, /^kernel\/drivers\/block\/nbd\.ko:/m);
  t.regex(dependencies, /^extra\/hello\.ko:/m);
  const modinfo = await context.processes.succeed(
    ['modinfo', '-F', 'vermagic', join(folder, 'extra', 'hello.ko')],
    {
      env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
    },
  );
  t.is(modinfo.stdout.split(' ')[0], product.release);
}

async function decodes(t: ExecutionContext, context: Context, product: KernelProduct): Promise<void> {
  const trace = ['Call Trace:', ' [<ffffffff81000000>] ? handle_mm_fault+0x10/0x1', ' no place'];
  const [first, second, third] = await decodeStack(context, product, trace);
  t.deepEqual([first, third], ['Call Trace:', ' no place']);
  t.regex(second ?? '', / \? handle_mm_fault\+0x10\/0x1 \(.*mm\/memory\.c:\d+\)$/);
}

for (const { line, missing } of kernelsAtHand('release')) {
  const declare = missing === undefined ? test.serial : test.serial.skip;
  const because = missing === undefined ? '' : ` (${missing})`;

  declare(`${line}: after an edit to a module, only that is compiled${because}`, async (t) => {
    t.timeout(600_000);
    const context = await copyOfProject(t);
    // The first edit brings the object tree to this kernel, should another have been built in it since.
    const before = await edited(context, line);
    const after = await edited(context, line);
    t.teardown(() => forget(context, after.product, before.product));
    t.teardown(() => forget(context, before.product, after.product));
    t.deepEqual(
      after.compiled.filter((file) => !file.startsWith('hello')),
      [],
    );
    t.true(after.compiled.includes('hello.o'));
    t.is(after.product.vmlinux, before.product.vmlinux);
  });
}

async function edited(context: Context & { readonly seen: TestbedEvent[] }, line: LineId): Promise<Watched> {
  await appendFile(join(context.paths.project, 'kernel-patches/modules/hello/hello.c'), '/* edited */\n');
  return await build(context, line);
}

for (const { line, missing } of kernelsAtHand('release').slice(0, 1)) {
  const declare = missing === undefined ? test.serial : test.serial.skip;
  const because = missing === undefined ? '' : ` (${missing})`;

  declare(
    `${line}: after edits to a patched file and to one of the core, those are compiled and not the kernel${because}`,
    async (t) => {
      t.timeout(900_000);
      const context = await copyOfProject(t);
      const before = await build(context, line);
      // The tree is the user's: it goes back to what the project itself says.
      t.teardown(() => sourceFolder({ ...context, paths: systemPaths() }, line));
      await addPatch(context, line);
      await appendFile(join(coreFolder(context.paths), 'mm', 'elasticos.c'), '/* The end. */\n');
      const after = await build(context, line);
      t.teardown(() => forget(context, after.product, before.product));
      t.true(after.compiled.includes('nbd.o'));
      // The core has an elasticos.c below arch/ too, which is as it was.
      t.is(after.compiled.filter((file) => file === 'elasticos.o').length, 1);
      t.true(after.compiled.length < 20, after.compiled.join(' '));
      t.not(after.product.key, before.product.key);
    },
  );
}

/** Appends a patch to the series of the copy: one more line at the end of nbd.c, whatever that is in this line. */
async function addPatch(context: Context, id: LineId): Promise<void> {
  const file = 'drivers/block/nbd.c';
  const git = gitIn(context, treePlace(context.paths, id).source);
  const lines = (await git.ask(['show', `HEAD:${file}`])).split('\n');
  const patch = [
    'Subject: [PATCH] nbd: end with a remark',
    '---',
    `diff --git a/${file} b/${file}`,
    `--- a/${file}`,
    `+++ b/${file}`,
    `@@ -${lines.length},1 +${lines.length},2 @@`,
    ` ${lines.at(-1) ?? ''}`,
    '+/* The end. */',
    '',
  ];
  const { folder } = await loadLine(context.paths, id);
  await writeFile(join(folder, 'patches', 'test.patch'), patch.join('\n'));
  await appendFile(join(folder, 'series'), 'test.patch\n');
}
