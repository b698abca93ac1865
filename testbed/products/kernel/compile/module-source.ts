// SPDX-License-Identifier: MIT
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../../base/host/make-folder.js';
import type { Paths } from '../../../base/host/paths.js';
import { hashParts, hashText } from '../../store/file-hash.js';
import { linesFolder } from '../line/line.js';
import { readSourceFiles } from '../line/source-files.js';

/** An out-of-tree module of this project: a folder with a Kbuild file. */
export interface ModuleSource {
  readonly name: string;
  readonly folder: string;
  /** Content by path below `folder`. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly sha256: string;
}

/**
 * The modules that every line's kernel gets: kernel-patches/modules/* and kernel-patches/elasticos. What is built into
 * the kernel is not among them.
 */
export async function readModules(paths: Pick<Paths, 'project'>): Promise<readonly ModuleSource[]> {
  const root = linesFolder(paths);
  const folders = (await names(join(root, 'modules'))).map((name) => join('modules', name));
  const modules: ModuleSource[] = [];
  for (const below of [...folders, 'elasticos']) {
    const folder = join(root, below);
    if (!(await names(folder)).includes('Kbuild')) continue;
    const files = new Map(await readSourceFiles(folder));
    for (const path of files.keys()) if (path.startsWith('core/')) files.delete(path);
    const hashes = Object.fromEntries([...files].map(([path, content]) => [path, hashText(content)]));
    modules.push({ name: below.replace(/^.*\//, ''), folder, files, sha256: hashParts(hashes) });
  }
  return modules;
}

/**
 * Copies a module's files to `target`, so that nothing is built among the sources. Only files that differ are written,
 * since make goes by their times.
 */
export async function copyModule(module: ModuleSource, target: string): Promise<void> {
  await makeFolder(target);
  for (const stale of (await readSourceFiles(target)).keys()) {
    if (!module.files.has(stale)) await rm(join(target, stale));
  }
  for (const [path, content] of module.files) {
    const file = join(target, path);
    const there = await readFile(file).catch(() => undefined);
    if (there?.equals(content) === true) continue;
    await makeFolder(dirname(file));
    await writeFile(file, content);
  }
}

async function names(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}
