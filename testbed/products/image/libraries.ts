// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { dynamicNeeds } from './elf.js';
import { LibraryMissingError } from './errors.js';
import { imagePath, type Inode, type RootTree } from './root-tree.js';

/** Where Debian's dynamic linker looks without a configuration of its own (ld.so(8), multiarch). */
const LIBRARY_FOLDERS = ['usr/lib/x86_64-linux-gnu', 'usr/lib', 'usr/lib64'];

/** Whether a path may be a shared library or the dynamic linker. */
export function isLibraryPath(path: string): boolean {
  return LIBRARY_FOLDERS.includes(posix.dirname(path)) && /\.so(?:\.|$)/.test(path);
}

/** Files that an image may take, by path. `origin` is the package. */
export type Pool = ReadonlyMap<string, { readonly inode: Inode; readonly origin: string }>;

/**
 * Adds to `tree` the shared libraries that its programs need, those that these libraries need, and the dynamic linker.
 * Libraries that a program opens with dlopen are not found. A declaration has to name them.
 * @returns the packages that they came from
 * @throws LibraryMissingError
 */
export async function addLibraries(tree: RootTree, pool: Pool): Promise<ReadonlySet<string>> {
  const origins = new Set<string>();
  const waiting = tree.entries().map(([path]) => path);
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    for (const need of await needsOf(tree.get(path))) {
      const library = need.startsWith('/') ? imagePath(need) : find(need, tree, pool);
      if (library === undefined || !(tree.get(library) ?? pool.get(library))) {
        throw new LibraryMissingError(path, need);
      }
      waiting.push(...take(library, path, tree, pool, origins));
    }
  }
  return origins;
}

async function needsOf(inode: Inode | undefined): Promise<readonly string[]> {
  if (inode?.type !== 'file') return [];
  const file = Buffer.isBuffer(inode.content) ? inode.content : await readFile(inode.content.path);
  const needs = dynamicNeeds(file);
  if (needs === undefined) return [];
  return needs.interpreter === undefined ? needs.libraries : [needs.interpreter, ...needs.libraries];
}

function find(name: string, tree: RootTree, pool: Pool): string | undefined {
  return LIBRARY_FOLDERS.map((folder) => `${folder}/${name}`).find(
    (path) => tree.get(path) !== undefined || pool.has(path),
  );
}

/** Moves a library from the pool into the tree, through its symbolic links; returns the paths that are new. */
function take(
  library: string,
  program: string,
  tree: RootTree,
  pool: Pool,
  origins: Set<string>,
): readonly string[] {
  if (tree.get(library) !== undefined) return [];
  const found = pool.get(library);
  if (found === undefined) throw new LibraryMissingError(program, library);
  tree.put(library, found.inode);
  origins.add(found.origin);
  if (found.inode.type !== 'symlink') return [library];
  const target = imagePath(posix.resolve(`/${posix.dirname(library)}`, found.inode.target));
  return take(target, program, tree, pool, origins);
}
