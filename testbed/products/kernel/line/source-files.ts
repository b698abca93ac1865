// SPDX-License-Identifier: MIT
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Files that a build in the folder itself would leave there. */
const BUILT = /(\.o|\.ko|\.mod|\.mod\.c|\.cmd|\.order|\.symvers|\.d|~)$|^\./;

/** The source files in a folder and below, as content by path, without the files that a build leaves there. */
export async function readSourceFiles(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const walk = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
      const path = join(below, entry.name);
      if (BUILT.test(entry.name)) continue;
      if (entry.isDirectory()) await walk(path);
      else files.set(path, await readFile(join(folder, path)));
    }
  };
  await walk('');
  return files;
}
