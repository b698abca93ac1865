// SPDX-License-Identifier: MIT
import { createWriteStream } from 'node:fs';

import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { makeFolder } from '../../../base/host/make-folder.js';
import type { Stage } from '../../../base/event/stage.js';
import type { Context } from '../../../base/host/context.js';
import { freeBytes } from '../../store/disk-space.js';
import { DiskFullError } from '../../store/errors.js';
import { firstError } from './compile-error.js';
import { CompileError } from '../line/errors.js';
import type { Variant } from '../line/kernel-product.js';
import type { Line } from '../line/line.js';
import type { ObjectPlace, TreePlace } from '../line/place.js';
import { leftoverMark } from '../line/leftover-processes.js';
import { compileProgress, type ObjectsToMake } from './compile-progress.js';

/** Everything that a make of a line's kernel works on. */
export interface Workshop {
  readonly line: Line;
  readonly tree: TreePlace;
  readonly objects: ObjectPlace;
  readonly variant: Variant;
}

export interface MakeRequest {
  /** For the error: `linux-6.1`, `module hello`. */
  readonly what: string;
  readonly targets: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Beginnings of paths in its output, and what an error shows for each. */
  readonly folders?: Readonly<Record<string, string>>;
  /** What it is going to make, where that is known. */
  readonly expected?: ObjectsToMake | undefined;
}

/** In the kernel's banner (`uname -v`, /proc/version) these replace who built it, where and when. */
const FIXED_BANNER = {
  KBUILD_BUILD_USER: 'testbed',
  KBUILD_BUILD_HOST: 'elasticos',
  KBUILD_BUILD_TIMESTAMP: 'Fri Jun  3 00:00:00 UTC 2011',
  KBUILD_BUILD_VERSION: '1',
} as const;

/** Unsets variables that make would inherit when the testbed was started by make or in a kernel developer's shell. */
const NEUTRAL_ENVIRONMENT = {
  LC_ALL: 'C',
  // Old kconfig writes the time into .config, and IKCONFIG puts that into the kernel.
  KCONFIG_NOTIMESTAMP: '1',
  MAKEFLAGS: undefined,
  MAKELEVEL: undefined,
  MFLAGS: undefined,
  ARCH: undefined,
  CROSS_COMPILE: undefined,
  KBUILD_OUTPUT: undefined,
  KCONFIG_CONFIG: undefined,
  KCONFIG_ALLCONFIG: undefined,
  KCFLAGS: undefined,
  KAFLAGS: undefined,
  INSTALL_MOD_PATH: undefined,
} as const;

/** Lines of output kept in memory to search for the first error. The log has all lines. */
const KEPT_LINES = 20_000;

/**
 * Runs make for a line's kernel. Its output goes into the log, its progress into the stage.
 * @throws CompileError with the first error
 * @throws DiskFullError
 */
export async function make(
  context: Context,
  workshop: Workshop,
  request: MakeRequest,
  stage: Stage,
): Promise<void> {
  const { line, tree, objects } = workshop;
  await makeFolder(objects.objects);
  await makeFolder(dirname(objects.log));
  const log = createWriteStream(objects.log, { flags: 'a' });
  const logged = finished(log);
  logged.catch(() => undefined);
  const output: string[] = [];
  let compiled = 0;
  const began = context.clock.now();
  const argv = ['make', '-C', tree.source, ...makeArguments(line, tree, objects, request)] as const;
  log.write(`$ ${argv.join(' ')}\n`);
  const exit = await context.processes
    .run(argv, {
      signal: context.signal,
      keep: 'discard',
      env: { ...NEUTRAL_ENVIRONMENT, ...leftoverMark(tree), ...request.env },
      onLine: (text) => {
        log.write(`${text}\n`);
        if (output.length < KEPT_LINES) output.push(text);
        stage.output(text);
        const step = /^ {2}(?:CC|AS|HOSTCC|LD|AR)\s+(?:\[M\]\s+)?(\S+\.[oa])$/.exec(text);
        if (step === null) return;
        compiled += 1;
        const note = (step[1] ?? '').replace(`${objects.objects}/`, '');
        stage.progress({
          ...compileProgress(compiled, context.clock.now() - began, request.expected),
          note,
        });
      },
    })
    .finally(() => {
      log.end();
    });
  await logged.catch(() => undefined);
  if (exit.code === 0) return;
  if (output.some((text) => text.includes('No space left on device'))) {
    throw new DiskFullError(
      `compiling ${request.what}`,
      objects.objects,
      undefined,
      await freeBytes(tree.root),
    );
  }
  const first = firstError(output, { [`${tree.source}/`]: '', ...request.folders });
  throw new CompileError(request.what, first.text, { log: objects.log, excerpt: first.excerpt });
}

function makeArguments(
  line: Line,
  tree: TreePlace,
  objects: ObjectPlace,
  request: MakeRequest,
): readonly string[] {
  const anonymous = anonymousPaths(tree, objects);
  const variables: Record<string, string> = {
    ...FIXED_BANNER,
    LOCALVERSION: line.localVersion,
    DEPMOD: '/bin/true',
    ...line.make,
    ...request.variables,
  };
  for (const flags of ['KCFLAGS', 'KAFLAGS']) {
    variables[flags] = [line.make[flags], anonymous].filter((text) => text !== undefined).join(' ');
  }
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return [`O=${objects.objects}`, `-j${availableParallelism()}`, ...assignments, ...request.targets];
}

/** Compiler flags that make paths in the products relative to the trees, so that products do not depend on the machine. */
function anonymousPaths(tree: TreePlace, objects: ObjectPlace): string {
  // When two match, the later one counts. The path of the modules begins like that of the object tree.
  const maps = [`${tree.source}/=`, `${objects.objects}=.`, `${objects.modules}/=`];
  return maps.map((map) => `-ffile-prefix-map=${map}`).join(' ');
}
