// SPDX-License-Identifier: MIT
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../base/host/make-folder.js';
import type { Context } from '../../base/host/context.js';
import { acquireLock } from '../../base/host/lock.js';
import { ProgramFailedError } from '../../base/process/errors.js';
import type { ArgumentVector, Finished, RunOptions } from '../../base/process/process-runner.js';
import { PackageDownloadError, PackagesOfflineError } from './errors.js';

/** Architecture of the guests, whatever the host's. */
const ARCHITECTURE = 'amd64';

/**
 * Settings of the host's apt that are not taken over: its state and cache, which stay untouched; hooks, which act on
 * them; architectures, which are the guests'.
 */
const NOT_OURS = /^(?:Dir::State|Dir::Cache|Dir::Etc::(?:main|parts)|APT::Update|APT::Architectures?|DPkg)\b/;

/** Where the testbed's apt keeps its lists and its lock. A suite that the host does not use has a folder of its own. */
export function aptFolder(context: Pick<Context, 'paths'>, suite?: string): string {
  return join(context.paths.cache, suite === undefined ? 'apt' : `apt-${suite}`);
}

/**
 * The host's apt with its sources, keys, proxies and pins, but with lists of our own below `<cache>/apt`. It needs no
 * root and does not change the host's lists. It believes that nothing is installed, so every dependency is resolved.
 * One process at a time may use it. Disposal lets the next one in.
 */
export interface Apt extends AsyncDisposable {
  /** Runs one of apt's programs. @throws ProgramFailedError on a status other than 0 */
  run(argv: ArgumentVector, options?: Pick<RunOptions, 'cwd' | 'onLine'>): Promise<Finished>;
  /** @throws PackagesOfflineError, PackageDownloadError */
  update(): Promise<void>;
  /** Whether {@link update} has ever succeeded. */
  hasLists(): Promise<boolean>;
}

/** @param suite one of Debian's, such as `bookworm-backports`, instead of what the host's sources name */
export async function openApt(context: Context, suite?: string): Promise<Apt> {
  const folder = aptFolder(context, suite);
  const lock = await acquireLock(context, join(folder, 'lock'), {
    wait: 'queue',
    purpose: 'fetching Debian packages',
  });
  try {
    const lists = join(folder, 'state', 'lists');
    await makeFolder(join(lists, 'partial'));
    await makeFolder(join(folder, 'cache', 'archives', 'partial'));
    await writeFile(join(folder, 'state', 'status'), '');
    const env = { APT_CONFIG: await writeConfiguration(context, folder, suite), LC_ALL: 'C' };
    const run: Apt['run'] = (argv, options) =>
      context.processes.succeed(argv, { ...options, env, signal: context.signal });
    const hasLists = async (): Promise<boolean> =>
      (await readdir(lists)).some((name) => name.includes('_Packages'));
    return {
      run,
      update: () => update(context, run, hasLists),
      hasLists,
      [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose](),
    };
  } catch (thrown) {
    await lock[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** When one source of the host does not answer, apt warns, and the others are enough. It is an error when none answers. */
async function update(context: Context, run: Apt['run'], hasLists: Apt['hasLists']): Promise<void> {
  if (context.offline) throw new PackagesOfflineError("Debian's package lists are");
  try {
    const { stderr } = await run(['apt-get', 'update', '-q']);
    if (await hasLists()) return;
    throw new PackageDownloadError('the package lists', { excerpt: stderr.trimEnd().split('\n') });
  } catch (thrown) {
    if (!(thrown instanceof ProgramFailedError)) throw thrown;
    throw new PackageDownloadError('the package lists', { excerpt: thrown.excerpt, cause: thrown });
  }
}

/** apt reads the file that APT_CONFIG names first, and then no other: `main` and `parts` are set to nothing in it. */
async function writeConfiguration(
  context: Context,
  folder: string,
  suite: string | undefined,
): Promise<string> {
  const { stdout } = await context.processes.succeed(['apt-config', 'dump'], {
    signal: context.signal,
    env: { LC_ALL: 'C' },
  });
  const own: readonly (readonly [string, string])[] = [
    ['Dir::State', join(folder, 'state')],
    ['Dir::State::status', join(folder, 'state', 'status')],
    ['Dir::Cache', join(folder, 'cache')],
    // Binary caches of the lists take 70 MB and save half a second in a step that is seldom taken.
    ['Dir::Cache::pkgcache', ''],
    ['Dir::Cache::srcpkgcache', ''],
    ['Dir::Etc::main', '/dev/null'],
    ['Dir::Etc::parts', '/dev/null'],
    ['APT::Architecture', ARCHITECTURE],
    ['APT::Architectures', ARCHITECTURE],
    ['APT::Install-Recommends', 'false'],
    ['APT::Sandbox::User', 'root'],
    ['Acquire::Retries', '3'],
    ...(suite === undefined ? [] : await suiteSettings(context, folder, suite)),
  ];
  const lines = [
    ...stdout.split('\n').filter((line) => line !== '' && !NOT_OURS.test(line)),
    ...own.map(([key, value]) => `${key} "${value}";`),
  ];
  const path = join(folder, 'apt.conf');
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}

/** Sources of our own for a suite. Keys, proxies and pins are the host's. */
async function suiteSettings(
  context: Context,
  folder: string,
  suite: string,
): Promise<readonly (readonly [string, string])[]> {
  const mirror = await debianMirror(context);
  // Packages of backports depend on packages of their release.
  const release = suite.replace(/-backports(?:-sloppy)?$/, '');
  const sources = [...new Set([release, suite])].map((name) => `deb ${mirror} ${name} main\n`);
  const list = join(folder, 'sources.list');
  await writeFile(list, sources.join(''));
  return [
    ['Dir::Etc::sourcelist', list],
    ['Dir::Etc::sourceparts', '/dev/null'],
    ['APT::Default-Release', suite],
  ];
}

/**
 * The mirror from which the host gets Debian.
 * @throws PackageDownloadError when apt has never read its sources, or none of them is Debian
 */
async function debianMirror({ processes, signal }: Context): Promise<string> {
  const format = '$(ORIGIN) $(COMPONENT) $(RELEASE) $(REPO_URI)';
  const { stdout } = await processes.succeed(
    ['apt-get', 'indextargets', '--format', format, 'Created-By: Packages'],
    { signal, env: { LC_ALL: 'C' } },
  );
  const targets = stdout.split('\n').map((line) => line.split(' '));
  const main = targets.find(
    ([origin, component, release = '']) =>
      origin === 'Debian' && component === 'main' && !/[-/]/.test(release),
  );
  const [, , , place] = main ?? [];
  if (place === undefined)
    throw new PackageDownloadError("another suite of Debian: this host's apt has read no source of Debian", {
      nextStep: 'Run `apt-get update` on this host once. The suite is then taken from the same mirror.',
    });
  return place;
}
