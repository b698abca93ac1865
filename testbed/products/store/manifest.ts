// SPDX-License-Identifier: MIT
import { lstat, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const MANIFEST = 'manifest.json';
const CONTENT = 'content';

/** The description of a product in its folder. It is written last, before the folder gets its final name. */
export interface Manifest {
  readonly kind: string;
  readonly key: string;
  /** For people: `linux-6.1, release`. */
  readonly title: string;
  /** ISO 8601. */
  readonly created: string;
  /** Facts that its maker has stored, as JSON. */
  readonly description: unknown;
  /** Size in bytes of every file and link of the content, by path. */
  readonly files: Readonly<Record<string, number>>;
}

/** Where a product's own files are, apart from the manifest. */
export function contentFolder(folder: string): string {
  return join(folder, CONTENT);
}

export function manifestPath(folder: string): string {
  return join(folder, MANIFEST);
}

export async function writeManifest(folder: string, facts: Omit<Manifest, 'files'>): Promise<Manifest> {
  const manifest: Manifest = { ...facts, files: await measure(contentFolder(folder)) };
  await writeFile(manifestPath(folder), JSON.stringify(manifest, undefined, 1));
  return manifest;
}

/**
 * The manifest of a product that is whole; undefined when there is none or a file is missing or of another size, as
 * after a power cut.
 */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    const manifest = JSON.parse(await readFile(manifestPath(folder), 'utf8')) as Manifest;
    const sizes = Object.entries(manifest.files).map(async ([path, bytes]) => {
      const { size } = await lstat(join(contentFolder(folder), path));
      return size === bytes;
    });
    return (await Promise.all(sizes)).every(Boolean) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

async function measure(root: string): Promise<Record<string, number>> {
  const files: Record<string, number> = {};
  const walk = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
      const path = join(below, entry.name);
      if (entry.isDirectory()) await walk(path);
      else files[path] = (await lstat(join(root, path))).size;
    }
  };
  await walk('');
  return files;
}
