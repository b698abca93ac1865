// SPDX-License-Identifier: MIT

/** One version of a Debian binary package, as apt's signed index describes it. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** `amd64` or `all`. */
  readonly architecture: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** The name under which apt saves a package. The colon of an epoch is escaped as in a URI. */
export function packageFileName(one: Package): string {
  return `${one.name}_${one.version.replaceAll(':', '%3a')}_${one.architecture}.deb`;
}
