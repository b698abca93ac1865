// SPDX-License-Identifier: MIT
import test from 'ava';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openApt } from '../../../testbed/products/debian/apt.js';
import { fetchPackages } from '../../../testbed/products/debian/download-package.js';
import {
  PackageHashError,
  PackageResolutionError,
  PackagesOfflineError,
} from '../../../testbed/products/debian/errors.js';
import { packageFileName, type Package } from '../../../testbed/products/debian/package.js';
import {
  installedBytes,
  parseRecords,
  parseSimulation,
  resolvePackages,
} from '../../../testbed/products/debian/resolution.js';
import { stage } from '../../../testbed/base/event/stage.js';
import type { Context } from '../../../testbed/base/host/context.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';
import { temporaryFolder, testContext } from '../image/test-context.js';

const HELLO: Package = {
  name: 'hello',
  version: '1:2.10-3',
  architecture: 'amd64',
  sha256: '0'.repeat(64),
  bytes: 5,
};

async function fetchHello(context: Context): Promise<readonly string[]> {
  return await stage(context, 'packages', 'packages', (current) => fetchPackages(context, [HELLO], current));
}

test('what apt-get simulates is read from its `Inst` lines', (t) => {
  const output = [
    'Reading package lists...',
    'Inst libc6 (2.36-9+deb12u10 Debian:12.10/stable [amd64]) []',
    'Inst nbd-server (1:3.24-1.1 Debian:12.10/stable [amd64])',
    'Conf nbd-server (1:3.24-1.1 Debian:12.10/stable [amd64])',
  ].join('\n');
  t.deepEqual(parseSimulation(output), [
    ['libc6', '2.36-9+deb12u10'],
    ['nbd-server', '1:3.24-1.1'],
  ]);
});

test('a record of the index gives name, version, size and hash', (t) => {
  const record = [
    'Package: hello',
    'Version: 1:2.10-3',
    'Architecture: amd64',
    'Description: says',
    ' hello',
    'Size: 5',
    `SHA256: ${HELLO.sha256}`,
    '',
    '',
  ].join('\n');
  t.deepEqual(parseRecords(record), [HELLO]);
  t.throws(() => parseRecords(record.replace('SHA256', 'MD5sum')), { message: /has no SHA256/ });
});

test('an epoch is spelt as apt spells it in a file name', (t) => {
  t.is(packageFileName(HELLO), 'hello_1%3a2.10-3_amd64.deb');
});

test("the host's apt resolves a package with all that it depends on, as on an empty machine", async (t) => {
  const packages = await resolvePackages(testContext(), ['dropbear-bin']);
  const names = packages.map((one) => one.name);
  for (const name of ['dropbear-bin', 'libc6', 'libtomcrypt1', 'zlib1g']) t.true(names.includes(name), name);
  t.deepEqual([...names].sort(), names);
  for (const one of packages) t.regex(one.sha256, /^[0-9a-f]{64}$/);
});

test('a version that the lists no longer name counts as what its archive takes', async (t) => {
  const context = testContext();
  const packages = await resolvePackages(context, ['dropbear-bin']);
  const [first = HELLO] = packages;
  const all = await installedBytes(context, packages);
  const archives = packages.reduce((total, { bytes }) => total + bytes, 0);
  t.true(all > archives);
  t.is(await installedBytes(context, [HELLO]), HELLO.bytes);
  t.is(await installedBytes(context, [first, HELLO]), (await installedBytes(context, [first])) + HELLO.bytes);
});

test("a suite that is not the host's has sources and lists of its own", async (t) => {
  const cache = await temporaryFolder(t);
  await using apt = await openApt(testContext({ paths: { cache } }), 'bookworm-backports');
  const { stdout } = await apt.run(['apt-config', 'dump']);
  const folder = join(cache, 'apt-bookworm-backports');
  t.true(stdout.includes(`Dir::State "${join(folder, 'state')}";`));
  t.true(stdout.includes(`Dir::Etc::sourcelist "${join(folder, 'sources.list')}";`));
  const sources = await readFile(join(folder, 'sources.list'), 'utf8');
  t.regex(sources, /^deb (\S+) bookworm main\ndeb \1 bookworm-backports main\n$/);
});

test('a package that there is not is an error with the words of apt', async (t) => {
  const error = await t.throwsAsync(resolvePackages(testContext(), ['no-such-package-anywhere']), {
    instanceOf: PackageResolutionError,
  });
  t.regex(error.excerpt.join('\n'), /Unable to locate package no-such-package-anywhere/);
});

test('offline, what is not in the cache is an error and nothing is asked of the network', async (t) => {
  const context = testContext({ paths: { cache: await temporaryFolder(t) }, offline: true });
  await t.throwsAsync(resolvePackages(context, ['hello']), { instanceOf: PackagesOfflineError });
  await t.throwsAsync(fetchHello(context), { instanceOf: PackagesOfflineError });
});

test('a package that is not what the index says never gets into the cache', async (t) => {
  const cache = await temporaryFolder(t);
  const context = testContext({
    paths: { cache },
    processes: {
      ...systemProcesses,
      succeed: async (argv, options) => {
        if (argv[1] !== 'download') return await systemProcesses.succeed(argv, options);
        await writeFile(join(options?.cwd ?? '', packageFileName(HELLO)), 'wrong');
        return { stdout: '', stderr: '', code: 0, signal: undefined };
      },
    },
  });
  await t.throwsAsync(fetchHello(context), { instanceOf: PackageHashError, message: /index says 0000/ });
  t.deepEqual(await readdir(join(cache, 'packages')), []);
});

test('a package in the cache is not fetched again', async (t) => {
  const cache = await temporaryFolder(t);
  await mkdir(join(cache, 'packages'));
  await writeFile(join(cache, 'packages', packageFileName(HELLO)), '');
  const context = testContext({ paths: { cache }, offline: true });
  t.deepEqual(await fetchHello(context), [join(cache, 'packages', packageFileName(HELLO))]);
});
