// SPDX-License-Identifier: MIT
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder with all above it that are missing. Node's own `recursive` never ends where the system says of a folder in one
 * that exists that there is no such file, as it does below /proc.
 * @param mode of the folders that are made
 * @throws Error of the system call, with its code
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  try {
    await make(path, mode);
  } catch (thrown) {
    const parent = dirname(path);
    if (codeOf(thrown) !== 'ENOENT' || parent === path) throw thrown;
    // Somebody else may have made it since.
    if (!(await isFolder(parent))) await makeFolder(parent, mode);
    await make(path, mode);
  }
}

/** It may be there already. */
async function make(path: string, mode: number | undefined): Promise<void> {
  try {
    await mkdir(path, mode);
  } catch (thrown) {
    if (codeOf(thrown) !== 'EEXIST' || !(await isFolder(path))) throw thrown;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

function codeOf(thrown: unknown): string | undefined {
  return (thrown as NodeJS.ErrnoException).code;
}
