// SPDX-License-Identifier: MIT
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../base/host/make-folder.js';
import type { Stage } from '../../base/event/stage.js';
import type { Context } from '../../base/host/context.js';
import { hashFile } from '../store/file-hash.js';
import { ProgramFailedError } from '../../base/process/errors.js';
import { aptFolder, openApt, type Apt } from './apt.js';
import { PackageDownloadError, PackageHashError, PackagesOfflineError } from './errors.js';
import { packageFileName, type Package } from './package.js';

/**
 * Makes sure that packages lie in `<cache>/packages`, each with the hash of apt's signed index.
 * @param suite as they were resolved
 * @returns the files, in the order of `packages`
 * @throws PackagesOfflineError, PackageDownloadError, PackageHashError
 */
export async function fetchPackages(
  context: Context,
  packages: readonly Package[],
  stage: Stage,
  suite?: string,
): Promise<readonly string[]> {
  const folder = join(context.paths.cache, 'packages');
  await makeFolder(folder);
  const missing: Package[] = [];
  for (const one of packages) {
    if (!(await exists(join(folder, packageFileName(one))))) missing.push(one);
  }
  if (missing.length === 0) stage.unchanged(`${packages.length} packages are there`);
  else await download(context, missing, folder, { stage, suite });
  return packages.map((one) => join(folder, packageFileName(one)));
}

/**
 * A package gets its final name only when it was verified, so a file with such a name can be trusted. What an
 * interrupted download has left is removed by the next one.
 */
async function download(
  context: Context,
  packages: readonly Package[],
  folder: string,
  { stage, suite }: { readonly stage: Stage; readonly suite: string | undefined },
): Promise<void> {
  if (context.offline) throw new PackagesOfflineError(`${packages.length} Debian packages are`);
  await using apt = await openApt(context, suite);
  const incoming = join(aptFolder(context, suite), 'incoming');
  await rm(incoming, { recursive: true, force: true });
  await mkdir(incoming);
  await askApt(apt, packages, incoming, stage);
  for (const one of packages) {
    const file = join(incoming, packageFileName(one));
    const found = await hashFile(file);
    if (found !== one.sha256) throw new PackageHashError(file, one.sha256, found);
    await rename(file, join(folder, packageFileName(one)));
  }
}

async function askApt(apt: Apt, packages: readonly Package[], incoming: string, stage: Stage): Promise<void> {
  let begun = 0;
  const onLine = (line: string): void => {
    stage.output(line);
    if (!line.startsWith('Get:')) return;
    begun += 1;
    stage.progress({ done: Math.min(begun, packages.length), total: packages.length, unit: 'packages' });
  };
  const names = packages.map((one) => `${one.name}=${one.version}`);
  try {
    await apt.run(['apt-get', 'download', '-q', ...names], { cwd: incoming, onLine });
  } catch (thrown) {
    if (!(thrown instanceof ProgramFailedError)) throw thrown;
    throw new PackageDownloadError(`${packages.length} packages`, {
      excerpt: thrown.excerpt,
      cause: thrown,
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
