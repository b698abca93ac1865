// SPDX-License-Identifier: MIT
import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../base/host/make-folder.js';
import type { Context } from '../../base/host/context.js';
import { hashText } from '../store/file-hash.js';
import { ProgramFailedError } from '../../base/process/errors.js';
import { aptFolder, openApt, type Apt } from './apt.js';
import { PackageResolutionError } from './errors.js';
import type { Package } from './package.js';

/**
 * The packages that installing `roots` on an empty machine would bring: the roots and everything that they depend
 * on, without recommendations, ordered by name. The answer is remembered, so that an image stays the same and needs
 * no network until its declaration changes or {@link renewPackages} is called.
 * @param suite where they come from, rather than from the host's sources; see {@link openApt}
 * @throws PackageResolutionError when apt does not know a package
 * @throws PackagesOfflineError, PackageDownloadError when there are no package lists and they cannot be fetched
 */
export async function resolvePackages(
  context: Context,
  roots: readonly string[],
  suite?: string,
): Promise<readonly Package[]> {
  if (roots.length === 0) return [];
  const record = recordPath(context, roots, suite);
  const known = await readRecord(record);
  if (known !== undefined) return known;
  await using apt = await openApt(context, suite);
  if (!(await apt.hasLists())) await apt.update();
  return await resolveAndRecord(apt, roots, record);
}

/** As {@link resolvePackages}, from fresh lists. For when a mirror no longer has a version that the old lists name. */
export async function renewPackages(context: Context, roots: readonly string[]): Promise<readonly Package[]> {
  await using apt = await openApt(context);
  await apt.update();
  return await resolveAndRecord(apt, roots, recordPath(context, roots));
}

/**
 * Bytes that packages take when they are unpacked, by their fields in apt's index, which count in KiB. A version that
 * newer lists no longer name counts as what its archive takes, which is less.
 * @throws PackagesOfflineError, PackageDownloadError when there are no package lists and they cannot be fetched
 */
export async function installedBytes(context: Context, packages: readonly Package[]): Promise<number> {
  await using apt = await openApt(context);
  if (!(await apt.hasLists())) await apt.update();
  const shown = await showKnown(apt, packages);
  const sizes = new Map(
    shown.split(/\n\n+/).map((paragraph) => {
      const field = (name: string): string => new RegExp(`^${name}: *(.*)$`, 'm').exec(paragraph)?.[1] ?? '';
      return [`${field('Package')}=${field('Version')}`, Number(field('Installed-Size')) * 1024];
    }),
  );
  return packages.reduce((total, one) => total + (sizes.get(`${one.name}=${one.version}`) ?? one.bytes), 0);
}

/** apt-cache shows the versions that it knows. When it knows none of them its status is not 0. */
async function showKnown(apt: Apt, packages: readonly Package[]): Promise<string> {
  const argv = ['apt-cache', 'show', ...packages.map((one) => `${one.name}=${one.version}`)] as const;
  try {
    return (await apt.run(argv)).stdout;
  } catch (thrown) {
    if (!(thrown instanceof ProgramFailedError)) throw thrown;
    return thrown.finished.stdout;
  }
}

function recordPath(context: Context, roots: readonly string[], suite?: string): string {
  const name = hashText([...roots].sort().join(' '));
  return join(aptFolder(context, suite), 'resolved', `${name.slice(0, 32)}.json`);
}

async function readRecord(path: string): Promise<readonly Package[] | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as readonly Package[];
  } catch {
    // There is no record, or it cannot be read. Resolving again is always right.
    return undefined;
  }
}

async function resolveAndRecord(
  apt: Apt,
  roots: readonly string[],
  record: string,
): Promise<readonly Package[]> {
  const packages = await resolve(apt, roots);
  await makeFolder(dirname(record));
  await writeFile(`${record}.new`, `${JSON.stringify(packages, undefined, 1)}\n`);
  await rename(`${record}.new`, record);
  return packages;
}

async function resolve(apt: Apt, roots: readonly string[]): Promise<readonly Package[]> {
  try {
    const simulated = await apt.run(['apt-get', '--simulate', 'install', ...roots]);
    const wanted = parseSimulation(simulated.stdout);
    const shown = await apt.run(['apt-cache', 'show', ...wanted.map((one) => one.join('='))]);
    const byName = new Map(parseRecords(shown.stdout).map((one) => [`${one.name}=${one.version}`, one]));
    return wanted
      .map((one) => {
        const found = byName.get(one.join('='));
        if (found === undefined) throw new Error(`apt-cache show says nothing of ${one.join('=')}`);
        return found;
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (thrown) {
    if (!(thrown instanceof ProgramFailedError)) throw thrown;
    throw new PackageResolutionError(roots, thrown.excerpt, thrown);
  }
}

/** Lines such as `Inst libc6 (2.36-9+deb12u10 Debian:12.10/stable [amd64])`. */
export function parseSimulation(output: string): readonly (readonly [name: string, version: string])[] {
  return [...output.matchAll(/^Inst (\S+) \((\S+) /gm)].map(([, name = '', version = '']) => [name, version]);
}

/** Paragraphs of a Packages index (deb822), of which only the fields of {@link Package} are kept. */
export function parseRecords(output: string): readonly Package[] {
  const paragraphs = output.split(/\n\n+/).filter((paragraph) => paragraph.includes('Package:'));
  return paragraphs.map((paragraph) => {
    const field = (name: string): string => {
      const value = new RegExp(`^${name}: *(.*)$`, 'm').exec(paragraph)?.[1];
      if (value === undefined) throw new Error(`a package record has no ${name}:\n${paragraph}`);
      return value;
    };
    return {
      name: field('Package'),
      version: field('Version'),
      architecture: field('Architecture'),
      sha256: field('SHA256'),
      bytes: Number(field('Size')),
    };
  });
}
