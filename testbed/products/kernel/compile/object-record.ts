// SPDX-License-Identifier: MIT
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CompileError, ConfigSymbolError } from '../line/errors.js';
import type { ObjectPlace } from '../line/place.js';
import type { Toolchain } from './toolchain.js';

/** What an object tree was last built from. */
export interface ObjectRecord {
  readonly toolchain: Toolchain;
  /** Key of the kernel that it holds whole; undefined when that did not compile. */
  readonly kernel?: string;
  /** True while make works. It stays true when make was killed. */
  readonly busy?: true;
}

/** @returns undefined when there is no object tree */
export async function readObjectRecord(place: ObjectPlace): Promise<ObjectRecord | undefined> {
  try {
    return JSON.parse(await readFile(place.record, 'utf8')) as ObjectRecord;
  } catch {
    return undefined;
  }
}

/**
 * Runs `work`, which brings an object tree to `goal`. Objects of another compiler are removed first, since the make of
 * old kernels does not notice a new compiler. So are objects that make was writing when it was killed.
 */
export async function workingOnObjects<T>(
  place: ObjectPlace,
  goal: ObjectRecord,
  work: () => Promise<T>,
): Promise<T> {
  const { toolchain } = goal;
  const before = await readObjectRecord(place);
  const folders = [place.objects, place.modules];
  if (before !== undefined && JSON.stringify(before.toolchain) !== JSON.stringify(toolchain)) {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  } else if (before?.busy === true) {
    for (const folder of folders) await removeHalfWritten(folder);
  }
  await writeObjectRecord(place, { toolchain, busy: true });
  try {
    const result = await work();
    await writeObjectRecord(place, goal);
    return result;
  } catch (thrown) {
    // make removes what it was writing when it fails by itself. A kernel that was whole and not to be changed still is.
    if (thrown instanceof CompileError || thrown instanceof ConfigSymbolError)
      await writeObjectRecord(place, before?.kernel === goal.kernel ? goal : { toolchain });
    throw thrown;
  }
}

async function writeObjectRecord(place: ObjectPlace, record: ObjectRecord): Promise<void> {
  await writeFile(place.record, JSON.stringify(record));
}

/**
 * Removes objects that are newer than the record of the command that made them. Kbuild writes `.foo.o.cmd` when `foo.o`
 * is whole. When make is killed between the two, the next make would take the object for finished.
 */
async function removeHalfWritten(folder: string): Promise<void> {
  const paths = await readdir(folder, { recursive: true }).catch(() => []);
  for (const path of paths) {
    const target = /^\.(.+)\.cmd$/.exec(basename(path))?.[1];
    if (target === undefined) continue;
    const file = join(folder, dirname(path), target);
    const [made, recorded] = await Promise.all([modified(file), modified(join(folder, path))]);
    if (made > recorded) await rm(file, { force: true });
  }
}

async function modified(path: string): Promise<number> {
  return await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
