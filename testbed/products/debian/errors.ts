// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { TestbedError, type ErrorDetail } from '../../base/error/testbed-error.js';

/** A package that the host's apt sources do not offer, or that cannot be installed with the others. */
export class PackageResolutionError extends TestbedError {
  readonly code = 'E_PACKAGE_RESOLUTION';
  readonly exitCode = ExitCode.InvalidInput;

  constructor(packages: readonly string[], excerpt: readonly string[], cause: unknown) {
    super(`apt cannot resolve packages for guests: ${packages.join(' ')}`, {
      nextStep: 'Correct the names, or add Debian 12 (bookworm) main to the sources of apt on this host.',
      excerpt,
      cause,
    });
  }
}

/** Package lists or packages that could not be fetched. */
export class PackageDownloadError extends TestbedError {
  readonly code = 'E_PACKAGE_DOWNLOAD';
  readonly exitCode = ExitCode.Source;

  constructor(what: string, detail: Partial<ErrorDetail> = {}) {
    super(`apt could not fetch ${what}`, {
      nextStep: 'Check that `apt-get update` works on this host: the testbed uses its sources and its proxy.',
      ...detail,
    });
  }
}

/** Something would have to be fetched, but `--offline` was given. */
export class PackagesOfflineError extends TestbedError {
  readonly code = 'E_PACKAGES_OFFLINE';
  readonly exitCode = ExitCode.Source;

  constructor(what: string) {
    super(`${what} not in the cache, and --offline was given`, {
      nextStep: 'Run the same command once without --offline.',
    });
  }
}

/** A package whose hash differs from the one in apt's signed index. */
export class PackageHashError extends TestbedError {
  readonly code = 'E_PACKAGE_HASH';
  readonly exitCode = ExitCode.Source;

  constructor(file: string, wanted: string, found: string) {
    super(`${file} has sha256 ${found}, apt's index says ${wanted}`, {
      nextStep: 'Remove the file; it is fetched again.',
    });
  }
}

export class PackageUnpackError extends TestbedError {
  readonly code = 'E_PACKAGE_UNPACK';
  readonly exitCode = ExitCode.Build;

  constructor(file: string, detail: Partial<ErrorDetail>) {
    super(`dpkg-deb could not unpack ${file}`, {
      nextStep: 'Remove the file; it is fetched again.',
      ...detail,
    });
  }
}
