// SPDX-License-Identifier: MIT
import type { Stage } from '../../base/event/stage.js';
import type { Context } from '../../base/host/context.js';
import { fetchPackages } from './download-package.js';
import { PackageDownloadError } from './errors.js';
import type { Package } from './package.js';
import { renewPackages } from './resolution.js';

/** A package, and where it lies on the host. */
export interface PackageFile {
  readonly package: Package;
  readonly file: string;
}

/**
 * As {@link fetchPackages}. A mirror keeps only the newest version of a package. When one is gone, fresh lists name the
 * newer one.
 * @param roots what `resolved` was resolved from
 */
export async function fetchOrRenew(
  context: Context,
  roots: readonly string[],
  resolved: readonly Package[],
  stage: Stage,
): Promise<readonly PackageFile[]> {
  const fetched = async (packages: readonly Package[]): Promise<readonly PackageFile[]> => {
    const paths = await fetchPackages(context, packages, stage);
    return packages.map((one, index) => ({ package: one, file: paths[index] ?? '' }));
  };
  try {
    return await fetched(resolved);
  } catch (thrown) {
    if (!(thrown instanceof PackageDownloadError)) throw thrown;
    return await fetched(await renewPackages(context, roots));
  }
}
