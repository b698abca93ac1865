// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stage } from '../../base/event/stage.js';
import type { Context } from '../../base/host/context.js';
import { ProgramFailedError } from '../../base/process/errors.js';
import { Store } from '../store/store.js';
import { ImageInputError, ProgramBuildError } from './errors.js';

/** The programs' folder in the store. */
const KIND = 'programs';

/** What a folder of guests/ builds, in the store. */
export interface BuiltPrograms {
  /** Name of the folder. */
  readonly name: string;
  /** sha256 (hex) over its sources and the compiler. */
  readonly key: string;
  /** Holds the executables and nothing else. */
  readonly folder: string;
}

/** Files that earlier builds and editors leave in a source folder. */
const NO_SOURCE = /(?:^|\/)\.|~$|\.(?:o|a|d)$/;

/**
 * Builds a folder of the project, by default `guests/<name>`, with `make O=FOLDER` on the host. When neither sources
 * nor compiler have changed, nothing is built. Every executable that make leaves in FOLDER is taken, without symbols
 * and build id, which depend on where it was built.
 * @throws ProgramBuildError with the compiler's first error
 * @throws ImageInputError when there is no such folder, or when it builds nothing
 */
export async function buildPrograms(
  context: Context,
  name: string,
  stage: Stage,
  place = join('guests', name),
): Promise<BuiltPrograms> {
  const source = join(context.paths.project, place);
  const key = await keyOf(context, name, source);
  const store = new Store(context);
  const known = await store.get(KIND, key);
  if (known !== undefined) {
    stage.unchanged();
    return { name, key, folder: known.folder };
  }
  const product = await store.put({ kind: KIND, key, title: place }, async (folder) => {
    const output = join(folder, '.build');
    await mkdir(output);
    await make(context, name, source, output, stage);
    await keepExecutables(context, name, output, folder);
    await rm(output, { recursive: true });
  });
  return { name, key, folder: product.folder };
}

async function keyOf(context: Context, name: string, source: string): Promise<string> {
  const hash = createHash('sha256').update(await toolchain(context));
  for (const path of await sourcesOf(name, source)) {
    const content = await readFile(join(source, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

async function sourcesOf(name: string, source: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(source, { recursive: true, withFileTypes: true });
    return (
      entries
        // A link is a header that programs share with the kernel. What it points to is read.
        .filter((entry) => entry.isFile() || entry.isSymbolicLink())
        .map((entry) => join(entry.parentPath, entry.name).slice(source.length + 1))
        .filter((path) => !NO_SOURCE.test(path))
        .sort()
    );
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
    throw new ImageInputError(`there is no guests/${name}, whose programs an image declares`);
  }
}

/** The compiler and the libraries: programs are linked statically. */
async function toolchain(context: Context): Promise<string> {
  const options = { signal: context.signal, env: { LC_ALL: 'C' } };
  const [compiler, libraries] = await Promise.all([
    context.processes.succeed(['gcc', '--version'], options),
    context.processes.run(['dpkg-query', '--show', 'binutils', 'libc6-dev', 'nettle-dev'], options),
  ]);
  return `${compiler.stdout}${libraries.stdout}`;
}

async function make(
  context: Context,
  name: string,
  source: string,
  output: string,
  stage: Stage,
): Promise<void> {
  try {
    await context.processes.succeed(['make', '-C', source, `O=${output}`], {
      signal: context.signal,
      env: { LC_ALL: 'C', MAKEFLAGS: undefined, CC: undefined, CFLAGS: undefined, LDFLAGS: undefined },
      onLine: (line) => {
        stage.output(line);
      },
    });
  } catch (thrown) {
    if (!(thrown instanceof ProgramFailedError)) throw thrown;
    const lines = `${thrown.finished.stderr}\n${thrown.finished.stdout}`.split('\n');
    const first = lines.find((line) => /error|undefined reference|\*\*\*/i.test(line)) ?? thrown.message;
    throw new ProgramBuildError(name, first.trim(), { excerpt: thrown.excerpt, cause: thrown });
  }
}

async function keepExecutables(context: Context, name: string, from: string, to: string): Promise<void> {
  let kept = 0;
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const path = join(from, entry.name);
    if (!entry.isFile() || ((await stat(path)).mode & 0o111) === 0) continue;
    const stripped = join(to, entry.name);
    await context.processes.succeed(
      ['strip', '--strip-all', '--remove-section=.note.gnu.build-id', '-o', stripped, path],
      { signal: context.signal },
    );
    kept += 1;
  }
  if (kept === 0) throw new ImageInputError(`make -C guests/${name} O=FOLDER leaves no program in FOLDER`);
}
