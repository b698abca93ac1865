// SPDX-License-Identifier: MIT
import { appendFile, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Context } from '../../../testbed/base/host/context.js';
import { projectRoot } from '../../../testbed/base/host/paths.js';
import { processStartTime } from '../../../testbed/base/host/process-identity.js';
import { buildKernel } from '../../../testbed/products/kernel/build-kernel.js';
import {
  CompileError,
  ConfigSymbolError,
  TreeEditedError,
} from '../../../testbed/products/kernel/line/errors.js';
import { giveSource } from '../../../testbed/products/kernel/source/given-source.js';
import { copyModule, readModules } from '../../../testbed/products/kernel/compile/module-source.js';
import { objectPlace, treePlace } from '../../../testbed/products/kernel/line/place.js';
import type { KernelProduct } from '../../../testbed/products/kernel/line/kernel-product.js';
import { endLeftovers, leftoverMark } from '../../../testbed/products/kernel/line/leftover-processes.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';
import { testProject, type TestProject } from './project.js';

/**
 * A kernel that real make builds in no time: it has the targets and files that the pipeline relies on. Real ones are
 * built in test/guest/kernel-build.test.ts.
 */
const MAKEFILE = `VERSION = 1
PATCHLEVEL = 2
ROOT := $(INSTALL_MOD_PATH)/lib/modules/1.2$(LOCALVERSION)
OBJECTS := $(patsubst mm/%.c,$(O)/%.o,$(wildcard mm/*.c))
.PHONY: allnoconfig bzImage modules modules_install
allnoconfig:
	@mkdir -p $(O)/include/config
	@grep -v BROKEN $(KCONFIG_ALLCONFIG) > $(O)/.config
	@echo 1.2$(LOCALVERSION) > $(O)/include/config/kernel.release
bzImage: $(O)/vmlinux
	@mkdir -p $(O)/arch/x86/boot && cp $(O)/vmlinux $(O)/arch/x86/boot/bzImage
$(O)/vmlinux: $(OBJECTS) $(O)/.config
	@echo "  LD      vmlinux" && ld -r -o $@.new $(OBJECTS) && nm $@.new > $(O)/System.map && mv $@.new $@
$(O)/%.o: mm/%.c
	@echo "  CC      mm/$*.o" && cd $(O) && gcc -c -g $(KCFLAGS) -o $@ $(CURDIR)/$<
	@touch $(O)/.$*.o.cmd
ifdef M
modules: $(M)/hello.ko
$(M)/hello.ko: $(M)/hello.c
	@echo "  CC [M]  $(M)/hello.o" && gcc -c -o $@ $<
modules_install:
	@mkdir -p $(ROOT)/extra && cp $(M)/hello.ko $(ROOT)/extra
else
modules:
modules_install:
	@mkdir -p $(ROOT)/kernel && ln -s $(O) $(ROOT)/build
endif
`;

const SOURCE = {
  Makefile: MAKEFILE,
  'mm/swap.c': 'int swap(void)\n{\n\treturn 1;\n}\n',
  'mm/memory.c': 'int memory(void)\n{\n\treturn 2;\n}\n',
};

const PATCH = `Subject: [PATCH] mm: return three
---
diff --git a/mm/swap.c b/mm/swap.c
--- a/mm/swap.c
+++ b/mm/swap.c
@@ -1,4 +1,4 @@
 int swap(void)
 {
-\treturn 1;
+\treturn 3;
 }
`;

interface Bench extends TestProject {
  /** Builds, and tells which files were compiled for it. */
  readonly build: () => Promise<{ readonly product: KernelProduct; readonly compiled: readonly string[] }>;
}

async function bench(t: ExecutionContext): Promise<Bench> {
  const project = await testProject(t);
  await project.line({}, { '0001-three.patch': PATCH });
  await project.write('kernel-patches/modules/hello', {
    Kbuild: 'obj-m := hello.o\n',
    'hello.c': 'int hello;\n',
  });
  await giveSource(project.context, 'linux-test', await project.write('given', SOURCE));
  const build: Bench['build'] = async () => {
    project.events.length = 0;
    const product = await buildKernel(project.context, { pinned: 'linux-test', variant: 'release' });
    return { product, compiled: compiled(project) };
  };
  return { ...project, build };
}

function compiled(project: TestProject): readonly string[] {
  return project.events.flatMap((event) => {
    const step = event.type === 'command-output' ? /^ {2}CC (?:\[M\])? *(\S+)/.exec(event.line) : null;
    return step?.[1] === undefined ? [] : [step[1].replace(/^.*\//, '')];
  });
}

test('a build leaves a product, and says what it is made of', async (t) => {
  const { build } = await bench(t);
  const { product, compiled } = await build();
  t.deepEqual([...compiled].sort(), ['hello.o', 'memory.o', 'swap.o']);
  t.like(product, { line: 'linux-test', variant: 'release', release: '1.2-test' });
  t.like(product.provenance, { choice: 'pinned by --kernel', patches: [{ name: '0001-three.patch' }] });
  t.true((await stat(product.vmlinux)).size > 0);
  const modules = await readdir(join(product.modules, 'lib/modules/1.2-test'));
  t.true(modules.includes('extra') && modules.includes('modules.dep'));
  t.false(modules.includes('build'));
});

/** The first and the last that the compilation of the kernel said of its progress. */
function compileSteps({ events }: TestProject): readonly unknown[] {
  const steps = events.flatMap((event) =>
    event.type === 'stage-progress' && event.id === 'kernel/linux-test/compile'
      ? [[event.done, event.total]]
      : [],
  );
  return [steps[0], steps.at(-1)];
}

test('a first build is a part of what its line declares, one from nothing a part of the last one', async (t) => {
  const bed = await bench(t);
  await bed.build();
  t.deepEqual(compileSteps(bed), [
    [1, undefined],
    [2, undefined],
  ]);
  await rm(join(bed.root, 'cache'), { recursive: true });
  await giveSource(bed.context, 'linux-test', await bed.write('given', SOURCE));
  await bed.line({ objects: 3 }, { '0001-three.patch': PATCH });
  await bed.build();
  t.deepEqual(compileSteps(bed), [
    [1, 3],
    [2, 3],
  ]);
  const place = objectPlace(treePlace(bed.context.paths, 'linux-test'), 'release');
  await rm(place.objects, { recursive: true });
  await rm(place.record);
  await bed.line({ objects: 3 }, { '0001-three.patch': PATCH.replace('return 3', 'return 4') });
  await bed.build();
  t.deepEqual(compileSteps(bed), [
    [1, 2],
    [2, 2],
  ]);
});

test('a build that changes a whole kernel does not know of how many files', async (t) => {
  const bed = await bench(t);
  await bed.line({ objects: 2 }, { '0001-three.patch': PATCH });
  await bed.build();
  await bed.line({ objects: 2 }, { '0001-three.patch': PATCH.replace('return 3', 'return 4') });
  await bed.build();
  t.deepEqual(compileSteps(bed), [
    [1, undefined],
    [1, undefined],
  ]);
});

test('a build goes on at the part of the whole that an interrupted one has made', async (t) => {
  const bed = await bench(t);
  await bed.line({ objects: 2 }, { '0001-three.patch': PATCH });
  await bed.build();
  const { objects } = objectPlace(treePlace(bed.context.paths, 'linux-test'), 'release');
  for (const name of ['swap.o', '.swap.o.cmd', 'vmlinux']) await rm(join(objects, name));
  await bed.line({ objects: 2 }, { '0001-three.patch': PATCH.replace('return 3', 'return 4') });
  await bed.build();
  t.deepEqual(compileSteps(bed), [
    [2, 2],
    [2, 2],
  ]);
});

test('a second build with nothing changed runs no make', async (t) => {
  const { build, events } = await bench(t);
  const first = await build();
  const second = await build();
  t.deepEqual(second.product, first.product);
  const stages = events.filter((event) => event.type === 'stage-finished');
  t.deepEqual(
    stages.map((stage) => [stage.id, stage.outcome]),
    [['kernel/linux-test', 'unchanged']],
  );
});

test('what a line is called, and where its source comes from, are no reason to build it again', async (t) => {
  const { build, line } = await bench(t);
  const first = await build();
  await line({ title: 'Another title', debianPackages: ['bc'] }, { '0001-renamed.patch': PATCH });
  t.is((await build()).product.key, first.product.key);
});

test('a line whose source is out of reach is passed over in plain sight, and its stages are no failures', async (t) => {
  const { context, events, line } = await bench(t);
  const sha256 = '0'.repeat(64);
  await line({
    id: 'linux-far',
    source: { kind: 'tarball', url: 'http://127.0.0.1:1/x.tar', sha256, strip: 1 },
  });
  const product = await buildKernel(
    { ...context, offline: true },
    { preferred: ['linux-far', 'linux-test'], variant: 'release' },
  );
  t.is(product.line, 'linux-test');
  t.is(
    product.provenance.choice,
    'a later choice of the scenario, since linux-far is out of reach: it is not in the cache, and --offline was given',
  );
  const outcomes = events.flatMap((event) =>
    event.type === 'stage-finished' && event.id.startsWith('kernel/linux-far') ? [event.outcome] : [],
  );
  t.deepEqual(outcomes, ['skipped', 'skipped']);
});

test('after a change to one patch, only the file that it changes is compiled', async (t) => {
  const { build, line } = await bench(t);
  const first = await build();
  await line({}, { '0001-three.patch': PATCH.replace('return 3', 'return 4') });
  const second = await build();
  t.deepEqual(second.compiled, ['swap.o']);
  t.not(second.product.key, first.product.key);
});

test('after a change to one file of the core, only that file is compiled, and the provenance tells of the core', async (t) => {
  const { build, core } = await bench(t);
  await core({ 'mm/elastic.c': 'int elastic;\n', 'mm/other.c': 'int other;\n' });
  const first = await build();
  t.deepEqual([...first.compiled].sort(), ['elastic.o', 'hello.o', 'memory.o', 'other.o', 'swap.o']);
  await core({ 'mm/elastic.c': 'int elastic = 1;\n' });
  const second = await build();
  t.deepEqual(second.compiled, ['elastic.o']);
  t.not(second.product.key, first.product.key);
  const names = second.product.provenance.patches.map(({ name }) => name);
  t.deepEqual(names, ['elasticos/core', '0001-three.patch']);
  t.not(second.product.provenance.patches[0]?.sha256, first.product.provenance.patches[0]?.sha256);
});

test('after a change to one module, only the module is compiled', async (t) => {
  const { build, write } = await bench(t);
  const first = await build();
  await write('kernel-patches/modules/hello', { 'hello.c': 'int hello = 1;\n' });
  const second = await build();
  t.deepEqual(second.compiled, ['hello.o']);
  t.is(second.product.vmlinux, first.product.vmlinux);
  t.not(second.product.modules, first.product.modules);
});

test('going back to what was built before compiles nothing', async (t) => {
  const { build, line } = await bench(t);
  const first = await build();
  await line({}, {});
  await build();
  await line({}, { '0001-three.patch': PATCH });
  const third = await build();
  t.deepEqual(third.compiled, []);
  t.is(third.product.key, first.product.key);
});

test('a module that changes after going back is compiled against the right kernel', async (t) => {
  const { build, line, write } = await bench(t);
  await build();
  await line({}, {});
  await build();
  await line({}, { '0001-three.patch': PATCH });
  await write('kernel-patches/modules/hello', { 'hello.c': 'int hello = 1;\n' });
  t.deepEqual([...(await build()).compiled].sort(), ['hello.o', 'swap.o']);
});

test('an edit in the tree is compiled, and the provenance tells of it', async (t) => {
  const { build, context } = await bench(t);
  const first = await build();
  const source = treePlace(context.paths, 'linux-test').source;
  await appendFile(join(source, 'mm/memory.c'), 'int more;\n');
  const second = await build();
  t.deepEqual(second.compiled, ['memory.o']);
  t.not(second.product.key, first.product.key);
  t.regex(
    second.product.provenance.patches.at(-1)?.name ?? '',
    /^edits in the source tree \(tree [0-9a-f]{40}\)$/,
  );
  t.deepEqual((await build()).compiled, []);
});

test('an edit that stands on another series is an error, not lost', async (t) => {
  const { build, context, line } = await bench(t);
  await build();
  const source = treePlace(context.paths, 'linux-test').source;
  await appendFile(join(source, 'mm/memory.c'), 'int more;\n');
  await line({}, {});
  await t.throwsAsync(build(), { instanceOf: TreeEditedError });
});

test('the first compile error is told with file and line, and mending it takes one compilation', async (t) => {
  const { build, line } = await bench(t);
  await line({}, { '0001-three.patch': PATCH.replace('return 3', 'return three') });
  const error = await t.throwsAsync(build(), { instanceOf: CompileError });
  t.regex(error.message, /^linux-test does not compile: mm\/swap\.c:3:\d+: error: ‘?'?three/);
  t.regex(await readFile(error.log ?? '', 'utf8'), /error: .*three/);
  await line({}, { '0001-three.patch': PATCH });
  t.true((await build()).compiled.includes('swap.o'));
});

test('a symbol that did not take is an error that names it', async (t) => {
  const { build, write } = await bench(t);
  await write('kernel-patches/linux-test', { config: 'CONFIG_SMP=y\nCONFIG_BROKEN=y\n' });
  const error = await t.throwsAsync(build(), { instanceOf: ConfigSymbolError });
  t.deepEqual(error.mismatches, [{ symbol: 'CONFIG_BROKEN', wanted: 'y', got: 'n' }]);
});

test('two builds at once: the second waits, and finds what the first has made', async (t) => {
  const { context } = await bench(t);
  const request = { pinned: 'linux-test', variant: 'release' } as const;
  const [one, two] = await Promise.all([buildKernel(context, request), buildKernel(context, request)]);
  t.is(one.key, two.key);
});

test('the product does not tell where it was built', async (t) => {
  const [one, two] = await Promise.all([bench(t), bench(t)]);
  const products = [await one.build(), await two.build()].map(({ product }) => product);
  const [first, second] = await Promise.all(products.map(({ vmlinux }) => readFile(vmlinux)));
  t.false(first?.includes(one.root));
  t.true(first?.equals(second ?? Buffer.alloc(0)));
});

test('what a killed testbed left compiling is ended before anything else is done', async (t) => {
  const { context } = await testProject(t);
  const tree = treePlace(context.paths, 'linux-test');
  await using leftover = await systemProcesses.start(['sleep', '1000'], {
    orphan: 'dies',
    env: leftoverMark(tree),
  });
  await using other = await systemProcesses.start(['sleep', '1000'], {
    orphan: 'dies',
    env: leftoverMark({ root: `${tree.root}-other` }),
  });
  await endLeftovers(context, tree);
  t.like(await leftover.exited, { signal: 'SIGKILL' });
  t.not(await processStartTime(other.pid), undefined);
});

test('an interrupted build is taken up where it ended', async (t) => {
  const { build, context, write } = await bench(t);
  const controller = new AbortController();
  const interrupted: Context = {
    ...context,
    signal: controller.signal,
    events: (event) => {
      if (event.type === 'command-output' && event.line.includes('CC '))
        controller.abort(new Error('Ctrl-C'));
    },
  };
  await t.throwsAsync(buildKernel(interrupted, { pinned: 'linux-test', variant: 'release' }), {
    message: 'Ctrl-C',
  });
  await write('kernel-patches/linux-test', { 'config.debug': '' });
  t.is((await build()).product.release, '1.2-test');
});

test('an object that make was writing when it was killed is compiled again', async (t) => {
  const { build, context, write } = await bench(t);
  await build();
  const { objects, record } = objectPlace(treePlace(context.paths, 'linux-test'), 'release');
  await writeFile(
    record,
    JSON.stringify({ ...(JSON.parse(await readFile(record, 'utf8')) as object), busy: true, kernel: '' }),
  );
  // As kbuild leaves them: the command of the one is older than the object, that of the other is not.
  for (const [name, time] of Object.entries({ 'swap.o': 1000, 'memory.o': Date.now() / 1000 + 60 })) {
    await writeFile(join(objects, `.${name}.cmd`), '');
    await utimes(join(objects, `.${name}.cmd`), time, time);
  }
  await write('kernel-patches/modules/hello', { 'hello.c': 'int hello = 1;\n' });
  t.deepEqual([...(await build()).compiled].sort(), ['hello.o', 'swap.o']);
});

test('objects of another compiler are thrown away', async (t) => {
  const { build, context, write } = await bench(t);
  await build();
  const { record } = objectPlace(treePlace(context.paths, 'linux-test'), 'release');
  await writeFile(record, JSON.stringify({ toolchain: { compiler: 'gcc 4.4', linker: 'ld 2.20' } }));
  await write('kernel-patches/modules/hello', { 'hello.c': 'int hello = 1;\n' });
  t.deepEqual([...(await build()).compiled].sort(), ['hello.o', 'memory.o', 'swap.o']);
});

test('a module that does not compile is named, and mending it does not take the kernel again', async (t) => {
  const { build, write } = await bench(t);
  await build();
  await write('kernel-patches/modules/hello', { 'hello.c': 'int hello = "x" - y;\n' });
  const error = await t.throwsAsync(build(), { instanceOf: CompileError });
  t.regex(
    error.message,
    /^module hello does not compile: kernel-patches\/modules\/hello\/hello\.c:1:\d+: error: /,
  );
  await write('kernel-patches/modules/hello', { 'hello.c': 'int hello = 2;\n' });
  t.deepEqual((await build()).compiled, ['hello.o']);
});

test("this project's modules are found with their sources", async (t) => {
  const { context } = await testProject(t);
  const hello = (await readModules({ project: projectRoot() })).find(({ name }) => name === 'hello');
  t.true(hello?.files.has('Kbuild'));
  if (hello === undefined) return;
  const target = join(context.paths.cache, 'copy');
  await copyModule(hello, target);
  await writeFile(join(target, 'stale.c'), '');
  await copyModule(hello, target);
  t.deepEqual((await readdir(target)).sort(), [...hello.files.keys()].sort());
});
