// SPDX-License-Identifier: MIT
import { readFile, rm, writeFile } from 'node:fs/promises';
import type { ObjectPlace } from './place.js';
import type { Toolchain } from './toolchain.js';

/** What an object tree was last built from. */
export interface ObjectRecord {
  readonly toolchain: Toolchain;
  /** Key of the kernel that it holds whole; undefined while it is being compiled, or when that failed. */
  readonly kernel?: string;
}

/** @returns undefined when there is no object tree */
export async function readObjectRecord(place: ObjectPlace): Promise<ObjectRecord | undefined> {
  try {
    return JSON.parse(await readFile(place.record, 'utf8')) as ObjectRecord;
  } catch {
    return undefined;
  }
}

export async function writeObjectRecord(place: ObjectPlace, record: ObjectRecord): Promise<void> {
  await writeFile(place.record, JSON.stringify(record));
}

/** Throws objects of another compiler away: old kernels' make does not notice that it has changed. */
export async function prepareObjects(place: ObjectPlace, toolchain: Toolchain): Promise<void> {
  const record = await readObjectRecord(place);
  if (record !== undefined && JSON.stringify(record.toolchain) !== JSON.stringify(toolchain)) {
    await rm(place.objects, { recursive: true, force: true });
    await rm(place.modules, { recursive: true, force: true });
  }
  await writeObjectRecord(place, { toolchain });
}
