// SPDX-License-Identifier: MIT

/** A guest image in the store. It is immutable: no run changes it. */
export interface ImageProduct {
  readonly kind: 'initramfs' | 'ext4';
  readonly name: string;
  /** sha256 (hex) over the declaration, the packages and every file that goes in. */
  readonly key: string;
  /** gzip-compressed newc cpio, or a raw ext4 file system. */
  readonly path: string;
  /**
   * The first archive in a guest's initrd. For `initramfs` it is the image itself. For `ext4` it is a small image that
   * mounts the first virtio disk and continues from there. Its length is a multiple of 4, so that another archive can
   * follow.
   */
  readonly initrd: string;
  readonly sha256: string;
  readonly bytes: number;
  /** `name version` of each Debian package in it. */
  readonly packages: readonly string[];
}
