// SPDX-License-Identifier: MIT
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../../base/host/make-folder.js';
import type { Paths } from '../../../base/host/paths.js';
import { hashParts, hashText } from '../../store/file-hash.js';
import type { Git } from '../line/git.js';
import { linesFolder } from '../line/line.js';
import { readSourceFiles } from '../line/source-files.js';

/**
 * The part of ElasticOS that is built into the kernel. All lines share these files. In a line's tree each file has the
 * path that it has below core/. What else a line needs is in its patches.
 */
export interface Core {
  /** Content by path; empty in a project that has no core. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly sha256: string;
}

/** Its name in the provenance of a kernel, and its place below kernel-patches/. */
export const CORE = 'elasticos/core';

export function coreFolder(paths: Pick<Paths, 'project'>): string {
  return join(linesFolder(paths), CORE);
}

export async function readCore(paths: Pick<Paths, 'project'>): Promise<Core> {
  const folder = coreFolder(paths);
  const there = await stat(folder).catch(() => undefined);
  return coreOf(there === undefined ? new Map() : await readSourceFiles(folder));
}

function coreOf(files: ReadonlyMap<string, Buffer>): Core {
  const hashes = Object.fromEntries([...files].map(([path, content]) => [path, hashText(content)]));
  return { files, sha256: hashParts(hashes) };
}

/** The files of a core as they are in a commit. Files that the commit does not have are left out. */
export async function coreInCommit(git: Git, core: Core, commit: string): Promise<Core> {
  const files = new Map<string, Buffer>();
  for (const path of core.files.keys()) {
    const shown = await git.run(['cat-file', 'blob', `${commit}:${path}`]);
    if (shown.code === 0) files.set(path, Buffer.from(shown.stdout));
  }
  return coreOf(files);
}

/** git's pathspecs for all files except the core's. */
export function besideCore(core: Core): readonly string[] {
  return ['.', ...[...core.files.keys()].map((path) => `:(exclude,literal)${path}`)];
}

/**
 * Makes core/ hold these files and no others. Only files that differ are written.
 * @returns paths below core/ of what was written or taken away
 */
export async function writeCore(
  paths: Pick<Paths, 'project'>,
  before: Core,
  after: Core,
): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const [path, content] of after.files) {
    if (before.files.get(path)?.equals(content) === true) continue;
    const file = join(coreFolder(paths), path);
    await makeFolder(dirname(file));
    await writeFile(`${file}.new`, content);
    await rename(`${file}.new`, file);
    changed.push(path);
  }
  for (const path of before.files.keys()) {
    if (after.files.has(path)) continue;
    await rm(join(coreFolder(paths), path));
    changed.push(path);
  }
  return changed;
}
