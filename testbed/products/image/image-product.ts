// SPDX-License-Identifier: MIT

/** A guest image in the store; immutable, and a run never changes it. */
export interface ImageProduct {
  readonly kind: 'initramfs' | 'ext4';
  readonly name: string;
  /** sha256 (hex) over the declaration, the packages and every file that goes in. */
  readonly key: string;
  /** gzip-compressed newc cpio, or a raw ext4 file system. */
  readonly path: string;
  /**
   * What comes first in a guest's initrd: for `initramfs` the image itself; for `ext4` a small one that mounts the
   * first virtio disk and goes on from there. Its length is a multiple of 4, as an archive that follows needs it.
   */
  readonly initrd: string;
  readonly sha256: string;
  readonly bytes: number;
  /** `name version` of each Debian package in it. */
  readonly packages: readonly string[];
}
