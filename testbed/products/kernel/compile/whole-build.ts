// SPDX-License-Identifier: MIT
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { changeState, readState } from '../../../base/host/state-file.js';
import type { ObjectsToMake } from './compile-progress.js';
import type { Workshop } from './make.js';

/**
 * What a compilation is going to make: as many objects as the kernel had when it was last compiled here, or as its line
 * declares. Unknown where all of them are there already, since only make knows which are out of date, and where a line
 * declares nothing.
 */
export async function objectsToMake(workshop: Workshop): Promise<ObjectsToMake | undefined> {
  const { objects, variant, line } = workshop;
  const whole = (await readState<number>(wholeFile(workshop)))[variant] ?? line.objects;
  const there = await countObjects(objects.objects);
  return whole === undefined || there >= whole ? undefined : { there, whole };
}

/** Remembers how many objects the kernel has that has just been compiled. */
export async function rememberWhole(workshop: Workshop): Promise<void> {
  const { objects, variant } = workshop;
  await changeState(wholeFile(workshop), variant, await countObjects(objects.objects));
}

function wholeFile({ tree }: Workshop): string {
  return join(tree.root, 'objects.json');
}

/** Kbuild writes `.foo.o.cmd` when `foo.o` is whole. */
async function countObjects(folder: string): Promise<number> {
  const paths = await readdir(folder, { recursive: true }).catch(() => []);
  return paths.filter((path) => /(^|\/)\.[^/]+\.[oa]\.cmd$/.test(path)).length;
}
