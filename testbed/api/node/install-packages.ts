// SPDX-License-Identifier: MIT
import type { Readable } from 'node:stream';
import { stage } from '../../base/event/stage.js';
import type { Context } from '../../base/host/context.js';
import { fetchOrRenew, type PackageFile } from '../../products/debian/fetch-or-renew.js';
import type { Package } from '../../products/debian/package.js';
import { installedBytes, resolvePackages } from '../../products/debian/resolution.js';
import { readPackage } from '../../products/debian/unpack.js';
import { NoRoomOnNodeError, PackageNameError } from './errors.js';

/** What of a node an installation needs: commands that have to end with status 0. */
export interface InstallTarget {
  readonly name: string;
  /** @returns the standard output */
  succeed(
    command: readonly [string, ...string[]],
    options?: { readonly input?: Readable | string },
  ): Promise<string>;
}

/** What an installation has done. Packages are in the order of their names. */
export interface Installation {
  readonly installed: readonly Package[];
  /** Packages that an earlier installation had brought in this version. */
  readonly there: readonly Package[];
}

/** A folder of the guest. It has a file for each package, with the version in it. */
const RECORDS = '/var/lib/testbed/packages';

/** Removed again: nobody reads it in a guest, whose files may all be in RAM. */
const DOCUMENTATION = ['doc', 'man', 'info', 'locale', 'lintian'].map((name) => `/usr/share/${name}`);

/** What a guest needs to go on while its RAM fills with files. */
const RESERVE_BYTES = 16 * 2 ** 20;

/** Debian policy 5.6.7, with the version or release that apt takes behind a name. */
const NAME = /^[a-z0-9][a-z0-9+.-]+(?:[=/][A-Za-z0-9][A-Za-z0-9.+~:-]*)?$/;

/**
 * Puts Debian packages and all that they depend on into a running guest: the files, as the packages have them, without
 * documentation. No maintainer script runs: there is no dpkg in a guest. Packages come by the host's apt, verified, and
 * stay in the cache.
 * Stages: `install/<node>`, and below it `packages` and one for each package.
 * @throws PackageNameError for what is no name; NoRoomOnNodeError before anything is changed
 * @throws PackageResolutionError, PackagesOfflineError, PackageDownloadError, PackageHashError, PackageUnpackError
 * @throws RemoteCommandFailed when the guest cannot write the files
 */
export async function installPackages(
  context: Context,
  node: InstallTarget,
  names: readonly string[],
): Promise<Installation> {
  for (const name of names) if (!NAME.test(name)) throw new PackageNameError(name);
  const id = `install/${node.name}`;
  return await stage(context, id, `${names.join(' ')} into ${node.name}`, async (current) => {
    const resolved = await resolvePackages(context, names);
    const known = await recorded(node);
    const isThere = (one: Package): boolean => known.get(one.name) === one.version;
    const missing = resolved.filter((one) => !isThere(one));
    if (missing.length === 0) {
      current.unchanged('all packages are there');
      return { installed: [], there: resolved };
    }
    await checkRoom(context, node, missing);
    const fetched = await stage(context, `${id}/packages`, 'Debian packages', async (fetching) =>
      fetchOrRenew(context, names, missing, fetching),
    );
    // Renewed, they are all packages again.
    const files = fetched.filter((one) => !isThere(one.package));
    for (const file of files) await put(context, node, file, id);
    current.note(`${String(files.length)} packages`);
    return { installed: files.map((file) => file.package), there: resolved.filter(isThere) };
  });
}

/** Versions by name, of what was installed before. */
async function recorded(node: InstallTarget): Promise<ReadonlyMap<string, string>> {
  await node.succeed(['mkdir', '-p', RECORDS]);
  const text = await node.succeed(['find', RECORDS, '-type', 'f', '-exec', 'grep', '-H', '.', '{}', '+']);
  const lines = text.split('\n').map((line) => line.slice(RECORDS.length + 1));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}

async function put(context: Context, node: InstallTarget, file: PackageFile, parent: string): Promise<void> {
  const { name, version } = file.package;
  await stage(context, `${parent}/${name}`, `${name} ${version}`, async () => {
    await readPackage(context, file.file, async (input) =>
      node.succeed(['tar', '-x', '-f', '-', '-C', '/'], { input }),
    );
    await node.succeed(['rm', '-rf', ...DOCUMENTATION]);
    await node.succeed(['tee', `${RECORDS}/${name}`], { input: `${version}\n` });
  });
}

/** @throws NoRoomOnNodeError */
async function checkRoom(context: Context, node: InstallTarget, packages: readonly Package[]): Promise<void> {
  const wanted = await installedBytes(context, packages);
  const room = await roomOf(node);
  if (wanted > room.bytes)
    throw new NoRoomOnNodeError(node.name, { wanted, room: room.bytes, where: room.where });
}

/** What files may still take: of a disk what is free, of RAM what the guest can do without. */
async function roomOf(
  node: InstallTarget,
): Promise<{ readonly bytes: number; readonly where: 'memory' | 'disk' }> {
  const [type = '', blocks, blockBytes] = (await node.succeed(['stat', '-f', '-c', '%T %a %S', '/'])).split(
    ' ',
  );
  if (!/^(?:ramfs|tmpfs|rootfs)$/.test(type))
    return { bytes: Number(blocks) * Number(blockBytes), where: 'disk' };
  const text = await node.succeed(['cat', '/proc/meminfo']);
  const kib = (field: string): number | undefined => {
    const value = new RegExp(`^${field}: *(\\d+) kB$`, 'm').exec(text)?.[1];
    return value === undefined ? undefined : Number(value);
  };
  // Linux before 3.14 has no MemAvailable. Its cache is mostly these files, which stay.
  const free = kib('MemAvailable') ?? (kib('MemFree') ?? 0) + (kib('Buffers') ?? 0);
  return { bytes: Math.max(0, free * 1024 - RESERVE_BYTES), where: 'memory' };
}
