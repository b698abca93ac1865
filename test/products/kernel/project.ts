// SPDX-License-Identifier: MIT
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../../../testbed/base/clock/clock.js';
import type { TestbedEvent } from '../../../testbed/base/event/event.js';
import type { Stage } from '../../../testbed/base/event/stage.js';
import type { Context } from '../../../testbed/base/host/context.js';
import { projectRoot } from '../../../testbed/base/host/paths.js';
import { loadLine, type Line, type LineDefinition } from '../../../testbed/products/kernel/line/line.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';

/** A stage that nobody watches. */
export const SILENT: Stage = {
  id: 'test',
  progress: () => undefined,
  output: () => undefined,
  unchanged: () => undefined,
  skipped: () => undefined,
  note: () => undefined,
};

/** A project of its own in a temporary folder, with real git, tar and patch, and no kernel line yet. */
export interface TestProject {
  readonly root: string;
  readonly context: Context;
  readonly events: TestbedEvent[];
  /** Writes files below the temporary folder. @returns the folder that they are in */
  readonly write: (folder: string, files: Readonly<Record<string, string>>) => Promise<string>;
  /** Writes files of elasticos/core/, which all lines share. */
  readonly core: (files: Readonly<Record<string, string>>) => Promise<void>;
  /** Defines a line with some patches. */
  readonly line: (
    definition: Partial<LineDefinition>,
    patches?: Readonly<Record<string, string>>,
  ) => Promise<Line>;
}

export async function testProject(t: ExecutionContext, offline = false): Promise<TestProject> {
  const root = await mkdtemp(join(tmpdir(), 'kernel-'));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const events: TestbedEvent[] = [];
  const context: Context = {
    paths: {
      project: root,
      cache: join(root, 'cache'),
      state: join(root, 'state'),
      runtime: join(root, 'run'),
      results: join(root, 'results'),
    },
    processes: systemProcesses,
    clock: systemClock,
    events: (event) => void events.push(event),
    signal: new AbortController().signal,
    offline,
  };
  const write: TestProject['write'] = async (folder, files) => {
    for (const [path, text] of Object.entries(files)) {
      const file = join(root, folder, path);
      await mkdir(join(file, '..'), { recursive: true });
      await writeFile(file, text);
    }
    return join(root, folder);
  };
  await mkdir(join(root, 'kernel-patches'));
  const schema = 'kernel-patches/line.schema.json';
  await cp(join(projectRoot(), schema), join(root, schema));
  return {
    root,
    context,
    events,
    write,
    core: async (files) => {
      await write('kernel-patches/elasticos/core', files);
    },
    line: async (definition, patches = {}) => {
      const whole = { ...DEFINITION, ...definition };
      await write(join('kernel-patches', whole.id), {
        'line.json': JSON.stringify(whole),
        series: Object.keys(patches)
          .map((name) => `${name}\n`)
          .join(''),
        config: 'CONFIG_SMP=y\n',
        ...Object.fromEntries(Object.entries(patches).map(([name, text]) => [`patches/${name}`, text])),
      });
      return await loadLine(context.paths, whole.id);
    },
  };
}

const DEFINITION: LineDefinition = {
  id: 'linux-test',
  version: '1.2',
  title: 'A test',
  source: { kind: 'tarball', url: 'http://127.0.0.1:9/linux-test.tar', sha256: '0'.repeat(64), strip: 1 },
  config: { base: 'allnoconfig', apply: 'kconfig-allconfig' },
  make: {},
  debianPackages: [],
  localVersion: '-test',
  image: 'arch/x86/boot/bzImage',
};

/** As much of a kernel as the pipeline looks at before make. */
export const TINY_KERNEL: Readonly<Record<string, string>> = {
  Makefile: 'VERSION = 1\nPATCHLEVEL = 2\n',
  'mm/swap.c': 'one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n',
  'mm/memory.c': 'red\ngreen\nblue\n',
};

export const PATCH_TWO = `From: A Kernel Developer <dev@example.org>
Subject: [PATCH] mm: say TWO
 in capitals

Two is more important than
the others.
---
 mm/swap.c | 2 +-
 1 file changed, 1 insertion(+), 1 deletion(-)

diff --git a/mm/swap.c b/mm/swap.c
--- a/mm/swap.c
+++ b/mm/swap.c
@@ -1,3 +1,3 @@
 one
-two
+TWO
 three
`;

export const PATCH_EIGHT = `Subject: [PATCH] mm: say EIGHT

---
diff --git a/mm/swap.c b/mm/swap.c
--- a/mm/swap.c
+++ b/mm/swap.c
@@ -7,3 +7,3 @@
 seven
-eight
+EIGHT
 nine
`;
