// SPDX-License-Identifier: MIT
import { chmod, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchPackages } from '../../products/debian/download-package.js';
import type { Package } from '../../products/debian/package.js';
import { resolvePackages } from '../../products/debian/resolution.js';
import { type Stage, stage } from '../../base/event/stage.js';
import type { Context } from '../../base/host/context.js';
import { hashText } from '../../products/store/file-hash.js';
import { Store } from '../../products/store/store.js';
import { QemuMissingError } from './errors.js';
import { QEMU } from './qemu-version.js';

/** A QEMU other than the host's own. Plain data. */
export interface ChosenQemu {
  /** Absolute path. */
  readonly program: string;
  /** What was asked for: a suite of Debian, or the program. */
  readonly from: string;
}

const PACKAGE = 'qemu-system-x86';
const LIBRARIES = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu'] as const;
const LOADER = 'ld-linux-x86-64.so.2';
/** Folders of /usr/share that QEMU reads. */
const SHARED: readonly string[] = ['qemu', 'seabios'];

/**
 * The QEMU that `from` names: a program by its path, or the one of a suite of Debian, such as `bookworm-backports`. The
 * latter is fetched with its libraries, by apt with lists of its own, and put into the store. The host's packages and its
 * apt are not changed. Stage: `host/qemu`.
 * @throws PackageResolutionError, PackageDownloadError, PackagesOfflineError, PackageHashError, DiskFullError
 */
export async function chooseQemu(context: Context, from: string): Promise<ChosenQemu> {
  if (from.includes('/')) return { program: from, from };
  return await stage(context, 'host/qemu', `QEMU of ${from}`, async (current) => {
    const packages = await resolvePackages(context, [PACKAGE], from);
    const key = hashText(JSON.stringify([LAYOUT, packages.map(({ sha256 }) => sha256)]));
    const store = new Store(context);
    const known = await store.get('qemu', key);
    if (known !== undefined) {
      current.unchanged(versionOf(packages));
      return { program: join(known.folder, QEMU), from };
    }
    const files = await fetchPackages(context, packages, current, from);
    const made = await store.put({ kind: 'qemu', key, title: `QEMU of ${from}` }, async (folder) => {
      await lay(context, { files, key }, folder, current);
    });
    current.note(versionOf(packages));
    return { program: join(made.folder, QEMU), from };
  });
}

/** To be changed when something else is made of the packages. */
const LAYOUT = 1;

function versionOf(packages: readonly Package[]): string {
  return packages.find(({ name }) => name === PACKAGE)?.version ?? '';
}

async function lay(
  context: Context,
  { files, key }: { readonly files: readonly string[]; readonly key: string },
  folder: string,
  current: Stage,
): Promise<void> {
  for (const [done, file] of files.entries()) {
    current.progress({ done, total: files.length, unit: 'packages' });
    await context.processes.succeed(['dpkg-deb', '--extract', file, folder], { signal: context.signal });
  }
  await keepOnly(folder, ['usr', 'lib', 'lib64']);
  await keepOnly(join(folder, 'usr'), ['bin', 'lib', 'lib64', 'share']);
  await keepOnly(join(folder, 'usr', 'bin'), [QEMU]);
  await keepOnly(join(folder, 'usr', 'share'), SHARED);
  const program = join(folder, QEMU);
  await writeFile(program, launcher(await loaderOf(folder), key));
  await chmod(program, 0o755);
}

async function keepOnly(folder: string, kept: readonly string[]): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!kept.includes(name)) await rm(join(folder, name), { recursive: true });
  }
}

/** The path of the dynamic loader. Releases with a merged /usr have it below usr/. */
async function loaderOf(folder: string): Promise<string> {
  for (const place of LIBRARIES) {
    const found = await readdir(join(folder, place)).catch((): string[] => []);
    if (found.includes(LOADER)) return join(place, LOADER);
  }
  throw new QemuMissingError(new Error(`${PACKAGE} came without a C library`));
}

/** Starts QEMU on its own libraries, with its own modules and firmware. @param key tells one QEMU from another */
function launcher(loader: string, key: string): string {
  const libraries = LIBRARIES.map((place) => `$here/${place}`).join(':');
  const data = SHARED.map((name) => `-L "$here/usr/share/${name}"`).join(' ');
  return [
    '#!/bin/sh',
    // What is hashed for this QEMU is this file.
    `# ${key}`,
    'here=${0%/*}',
    `export QEMU_MODULE_DIR="$here/${LIBRARIES[0]}/qemu"`,
    `exec "$here/${loader}" --library-path "${libraries}" "$here/usr/bin/${QEMU}" ${data} "$@"`,
    '',
  ].join('\n');
}
