// SPDX-License-Identifier: MIT
// Made from kernel-patches/line.schema.json by `npm run format`; not to be edited.

export interface LineFile {
  $schema?: string;
  /**
   * The folder's name.
   */
  id: string;
  /**
   * As its authors number it.
   */
  version: string;
  /**
   * For people.
   */
  title: string;
  /**
   * A tarball to download, or one that a Debian package brings.
   */
  source:
    | {
        kind: 'tarball';
        url: string;
        sha256: string;
        /**
         * Leading folders of its paths to take off.
         */
        strip: number;
      }
    | {
        kind: 'debian-package';
        package: string;
        /**
         * Where the package puts it.
         */
        path: string;
        /**
         * Leading folders of its paths to take off.
         */
        strip: number;
      };
  config: {
    /**
     * What the fragment is laid over.
     */
    base: 'allnoconfig' | 'tinyconfig';
    /**
     * By KCONFIG_ALLCONFIG, or by merge_config.sh -m and olddefconfig.
     */
    apply: 'kconfig-allconfig' | 'merge-config';
  };
  /**
   * Variables for every make.
   */
  make: {
    [k: string]: string;
  };
  /**
   * What building needs beside what every testbed needs.
   */
  debianPackages: string[];
  /**
   * Behind the version in `uname -r`.
   */
  localVersion: string;
  /**
   * How many objects the kernel has, about; for the progress of its first build.
   */
  objects?: number;
  /**
   * The kernel image, below the object tree.
   */
  image: string;
}
