// SPDX-License-Identifier: MIT
import { constants } from 'node:fs';
import { copyFile, cp, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { makeFolder } from '../../../base/host/make-folder.js';
import type { Stage } from '../../../base/event/stage.js';
import type { Context } from '../../../base/host/context.js';
import type { StoredProduct } from '../../store/store.js';
import { make, type Workshop } from './make.js';
import { copyModule, type ModuleSource } from './module-source.js';
import { objectsToMake, rememberWhole } from './whole-build.js';

/** Files of a stored kernel, by what they are. */
export interface KernelFiles {
  readonly bzImage: string;
  readonly vmlinux: string;
  readonly config: string;
  readonly systemMap: string;
  /** `lib/modules/<release>/...`, without what depmod makes. */
  readonly modules: string;
}

export function kernelFiles(folder: string): KernelFiles {
  return {
    bzImage: join(folder, 'bzImage'),
    vmlinux: join(folder, 'vmlinux'),
    config: join(folder, 'config'),
    systemMap: join(folder, 'System.map'),
    modules: join(folder, 'modules'),
  };
}

/** Compiles kernel and in-tree modules. What is already compiled is kept. @throws CompileError */
export async function compileKernel(context: Context, workshop: Workshop, stage: Stage): Promise<void> {
  const targets = [workshop.line.image.replace(/^.*\//, ''), 'modules'];
  const expected = await objectsToMake(workshop);
  await make(context, workshop, { what: workshop.line.id, targets, expected }, stage);
  // A full disk makes no kernel wrong that is compiled.
  await rememberWhole(workshop).catch(() => undefined);
}

/** Puts what was compiled into `folder`. @returns the kernel's release */
export async function collectKernel(
  context: Context,
  workshop: Workshop,
  folder: string,
  stage: Stage,
): Promise<string> {
  const { objects } = workshop.objects;
  const files = kernelFiles(folder);
  const release = await kernelRelease(workshop);
  await makeFolder(files.modules);
  await copy(join(objects, workshop.line.image), files.bzImage);
  await copy(join(objects, 'vmlinux'), files.vmlinux);
  await copy(join(objects, '.config'), files.config);
  await copy(join(objects, 'System.map'), files.systemMap);
  await installModules(context, workshop, files.modules, {}, stage);
  // These links point into the object tree.
  for (const link of ['build', 'source'])
    await rm(join(files.modules, 'lib/modules', release, link), { force: true });
  return release;
}

/**
 * Puts a stored kernel's modules into `folder`, compiles this project's own modules against that kernel, adds them,
 * and runs depmod.
 * @throws CompileError
 */
export async function collectModules(
  context: Context,
  workshop: Workshop,
  kernel: StoredProduct,
  modules: readonly ModuleSource[],
  folder: string,
  stage: Stage,
): Promise<void> {
  const files = kernelFiles(kernel.folder);
  await cp(files.modules, folder, { recursive: true });
  for (const module of modules) {
    const copyOfIt = join(workshop.objects.modules, module.name);
    await copyModule(module, copyOfIt);
    const what = `module ${module.name}`;
    const variables = { M: copyOfIt };
    const folders = { [`${copyOfIt}/`]: `${relative(context.paths.project, module.folder)}/` };
    await make(context, workshop, { what, targets: ['modules'], variables, folders }, stage);
    await installModules(context, workshop, folder, variables, stage);
  }
  const release = await kernelRelease(workshop);
  await context.processes.succeed(['depmod', '--basedir', folder, '--filesyms', files.systemMap, release], {
    signal: context.signal,
    // depmod may not be on the user's PATH.
    env: { LC_ALL: 'C', PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  });
}

/** Debug information stays in the object tree, since a guest's memory is small. */
async function installModules(
  context: Context,
  workshop: Workshop,
  folder: string,
  variables: Readonly<Record<string, string>>,
  stage: Stage,
): Promise<void> {
  await make(
    context,
    workshop,
    {
      what: `installing modules of ${workshop.line.id}`,
      targets: ['modules_install'],
      variables: { ...variables, INSTALL_MOD_PATH: folder, INSTALL_MOD_STRIP: '1' },
    },
    stage,
  );
}

async function kernelRelease(workshop: Workshop): Promise<string> {
  const file = join(workshop.objects.objects, 'include', 'config', 'kernel.release');
  return (await readFile(file, 'utf8')).trim();
}

async function copy(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
}
