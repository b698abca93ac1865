// SPDX-License-Identifier: MIT
import { stage } from '../event/stage.js';
import { ProgramFailedError, ProgramMissingError } from '../process/errors.js';
import type { Context } from './context.js';
import { NotDebianError, PackageInstallError, PackagesMissingError } from './errors.js';

/** Packages that every testbed needs on the host. A kernel line adds its own (`debianPackages` in its line.json). */
export const BASE_PACKAGES: readonly string[] = [
  'bc',
  'binutils',
  'bison',
  'ca-certificates',
  'e2fsprogs',
  'flex',
  'gcc',
  'git',
  'iproute2',
  'kmod',
  'libc6-dev',
  'libelf-dev',
  'libssl-dev',
  'make',
  'nettle-dev',
  'openssh-client',
  'perl',
  'qemu-system-x86',
  'qemu-utils',
  'util-linux',
  'xz-utils',
];

export interface PackagePolicy {
  /** `--no-install`: name what is missing and stop. */
  readonly install: boolean;
  /** True for root; injected for tests. */
  readonly root: boolean;
}

/** @throws NotDebianError where there is no dpkg */
export async function missingPackages(
  context: Pick<Context, 'processes' | 'signal'>,
  packages: readonly string[],
): Promise<readonly string[]> {
  try {
    // When dpkg-query does not know one of them it exits with 1 and still lists the others.
    const { stdout } = await context.processes.run(
      ['dpkg-query', '--show', '--showformat', '${Package} ${db:Status-Status}\n', ...packages],
      { signal: context.signal, env: { LC_ALL: 'C' } },
    );
    const installed = new Set(
      stdout
        .split('\n')
        .filter((line) => line.endsWith(' installed'))
        .map((line) => line.slice(0, line.indexOf(' '))),
    );
    return packages.filter((name) => !installed.has(name));
  } catch (thrown) {
    if (thrown instanceof ProgramMissingError) throw new NotDebianError(thrown);
    throw thrown;
  }
}

/**
 * Makes sure that Debian packages are installed, by apt-get when the user is root.
 * @throws PackagesMissingError when packages are missing and may not be installed
 * @throws PackageInstallError when apt-get fails
 */
export async function ensurePackages(
  context: Context,
  packages: readonly string[],
  policy: PackagePolicy,
): Promise<void> {
  await stage(context, 'host/packages', 'Debian packages', async (current) => {
    const wanted = [...new Set(packages)].sort();
    const missing = await missingPackages(context, wanted);
    if (missing.length === 0) {
      current.unchanged(`${wanted.length} packages are there`);
      return;
    }
    if (!policy.install) throw new PackagesMissingError(missing, 'installing them is switched off');
    if (!policy.root) throw new PackagesMissingError(missing, 'only root can install them');
    if (context.offline) throw new PackagesMissingError(missing, '--offline was given');
    context.events({
      type: 'notice',
      at: context.clock.now(),
      level: 'info',
      text: `installing ${missing.length} Debian packages with apt-get: ${missing.join(' ')}`,
    });
    await install(context, missing, (line) => {
      current.output(line);
      current.progress({ note: line.slice(0, 80) });
    });
    current.note(`installed ${missing.length}`);
  });
}

async function install(
  context: Context,
  packages: readonly string[],
  onLine: (line: string) => void,
): Promise<void> {
  const apt = async (...arguments_: string[]): Promise<void> => {
    await context.processes.succeed(['apt-get', ...arguments_], {
      env: { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
      signal: context.signal,
      onLine,
    });
  };
  try {
    await apt('update', '-q');
    await apt('install', '-q', '-y', '--no-install-recommends', ...packages);
  } catch (thrown) {
    if (thrown instanceof ProgramFailedError) throw new PackageInstallError(packages, thrown.excerpt, thrown);
    throw thrown;
  }
}
