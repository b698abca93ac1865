// SPDX-License-Identifier: MIT
import { ExitCode } from '../error/exit-code.js';
import { TestbedError } from '../error/testbed-error.js';
import { holderText, type LockHolder } from './lock-holder.js';

/** Debian packages are missing, and the tool may not or could not install them. */
export class PackagesMissingError extends TestbedError {
  readonly code = 'E_PACKAGES_MISSING';
  readonly exitCode = ExitCode.PackagesMissing;
  readonly packages: readonly string[];

  constructor(packages: readonly string[], why: string) {
    super(`Debian packages are missing (${why}): ${packages.join(' ')}`, {
      nextStep: `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`,
    });
    this.packages = packages;
  }
}

/** apt-get could not install what it was asked to. */
export class PackageInstallError extends TestbedError {
  readonly code = 'E_PACKAGE_INSTALL';
  readonly exitCode = ExitCode.PackagesMissing;

  constructor(packages: readonly string[], excerpt: readonly string[], cause: unknown) {
    super(`apt-get could not install ${packages.join(' ')}`, {
      nextStep: 'Repair what apt-get complains about, then run the same command again.',
      excerpt,
      cause,
    });
  }
}

/** The machine does not run Debian, so the testbed cannot tell what is installed. */
export class NotDebianError extends TestbedError {
  readonly code = 'E_NOT_DEBIAN';
  readonly exitCode = ExitCode.Host;

  constructor(cause: unknown) {
    super('this machine has no dpkg: guest images are made from Debian packages', {
      nextStep: 'Run the testbed on Debian 12 or later, or in a container of it.',
      cause,
    });
  }
}

/** A lock that another process holds. */
export class BusyError extends TestbedError {
  readonly code = 'E_BUSY';
  readonly exitCode = ExitCode.Busy;
  readonly holder: LockHolder | undefined;

  constructor(path: string, holder: LockHolder | undefined) {
    super(`${path} is held by ${holderText(holder)}`, {
      nextStep: 'Wait until it has finished, or end it, then run the same command again.',
    });
    this.holder = holder;
  }
}
