// SPDX-License-Identifier: MIT
import { access, cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ProgramMissingError } from '../../testbed/base/process/errors.js';
import type { ProcessRunner } from '../../testbed/base/process/process-runner.js';
import type { StyleVerdict } from './c-style.js';

/** Where C that runs in the kernel lives. */
const FOLDER = 'kernel-patches';

/** The line that judges all of it: the newer one's checkpatch and headers know more than the older one's. */
export const JUDGE = 'linux-6.1';

/**
 * Headers of trace events. Their macros are laid out like declarations, as in include/trace/events of the kernel, and
 * checkpatch has a word for it on every event there too.
 */
const EVENTS = '_trace.h';
const EVENTS_MAY = ['--ignore', 'OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT'] as const;

/** Every C file of the kernel's part, sorted, from the project's root. */
export async function kernelFiles(project: string): Promise<readonly string[]> {
  const entries = await readdir(join(project, FOLDER), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.[ch]$/.test(entry.name))
    .map((entry) => relative(project, join(entry.parentPath, entry.name)))
    .sort();
}

/**
 * Holds the kernel's C to its style, by `checkpatch.pl --strict`.
 * @param source tree of the line that judges
 */
export async function checkpatch(
  processes: Pick<ProcessRunner, 'run'>,
  project: string,
  source: string,
): Promise<StyleVerdict> {
  const script = join(source, 'scripts', 'checkpatch.pl');
  if (!(await exists(script)))
    return { skipped: `no source tree of ${JUDGE} is at hand (testbed build makes it)` };
  const files = await kernelFiles(project);
  const judge = ['perl', script, '--no-tree', '--strict', '--terse', '--show-types', '--no-summary'] as const;
  const complain = async (
    options: readonly string[],
    some: readonly string[],
  ): Promise<readonly string[]> => {
    const { code, stdout, stderr } = await processes.run([...judge, ...options, '-f', ...some], {
      cwd: project,
    });
    const lines = [...stdout.split('\n'), ...stderr.split('\n')].filter((line) => line !== '');
    return code === 0 || lines.length > 0 ? lines : [`checkpatch.pl: status ${String(code)}`];
  };
  const events = files.filter((file) => file.endsWith(EVENTS));
  const others = files.filter((file) => !file.endsWith(EVENTS));
  const found = await Promise.all([
    ...shares(others).map(async (share) => complain([], share)),
    ...shares(events).map(async (share) => complain(EVENTS_MAY, share)),
  ]);
  return { files: files.length, faults: found.flat() };
}

/**
 * Has sparse check the locks and address spaces of the module and of the core, against the headers and the configuration
 * of a kernel that is built.
 * @param elasticos folder of the module, with its core/
 * @param objects object tree of the line that judges
 */
export async function sparse(
  processes: Pick<ProcessRunner, 'run'>,
  elasticos: string,
  objects: string,
): Promise<StyleVerdict> {
  if (!(await exists(join(objects, 'Module.symvers')))) return { skipped: `${JUDGE} is not built here` };
  if (!(await isInstalled(processes, 'sparse'))) return { skipped: 'sparse is not installed' };
  const copy = await mkdtemp(join(tmpdir(), 'testbed-sparse-'));
  try {
    await cp(elasticos, copy, { recursive: true });
    const sources = (await readdir(copy, { recursive: true })).filter((name) => name.endsWith('.c'));
    const core = sources.filter((name) => name.startsWith('core/')).map((name) => name.replace(/c$/, 'o'));
    const make = ['make', '-s', '-k', '-C', objects, `M=${copy}`, `-j${availableParallelism()}`] as const;
    // The core has headers beside it that a module's build does not look for.
    const beside = `KCFLAGS=-I${join(objects, 'source', 'arch', 'x86', 'kernel')}`;
    const targets = ['elasticos.o', ...core] as const;
    const { code, stderr } = await processes.run([...make, 'C=2', 'CHECK=sparse', beside, ...targets]);
    const lines = stderr.split('\n').filter((line) => /: (warning|(fatal )?error):/.test(line));
    const faults = code === 0 || lines.length > 0 ? lines : [`make: status ${String(code)}: ${stderr}`];
    return { files: sources.length, faults: faults.map((line) => line.replace(`${copy}/`, '')) };
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** One share of the work for each processor. */
function shares(files: readonly string[]): readonly (readonly string[])[] {
  const count = availableParallelism();
  return Array.from({ length: count }, (_, share) =>
    files.filter((_file, index) => index % count === share),
  ).filter((share) => share.length > 0);
}

async function isInstalled(processes: Pick<ProcessRunner, 'run'>, program: string): Promise<boolean> {
  try {
    await processes.run([program, '--version']);
    return true;
  } catch (thrown) {
    if (thrown instanceof ProgramMissingError) return false;
    throw thrown;
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
