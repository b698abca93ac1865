// SPDX-License-Identifier: MIT
import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from './make-folder.js';

/** A small JSON object on disk. Empty when there is no such file, or when it is cut short or none of ours. */
export async function readState<T>(path: string): Promise<Readonly<Record<string, T>>> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, T>) : {};
  } catch {
    return {};
  }
}

/** Sets or removes one entry. Readers see the old object or the new one, never a part of it. */
export async function changeState(path: string, name: string, value: unknown): Promise<void> {
  const others = Object.entries(await readState<unknown>(path)).filter(([one]) => one !== name);
  const next = Object.fromEntries(value === undefined ? others : [...others, [name, value]]);
  await makeFolder(dirname(path));
  await writeFile(`${path}.${process.pid}`, JSON.stringify(next, undefined, 2));
  await rename(`${path}.${process.pid}`, path);
}
