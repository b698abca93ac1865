// SPDX-License-Identifier: MIT
// Made from images/image.schema.json by `npm run format`; not to be edited.

/**
 * What goes into a guest's root file system. Paths in packages and guests/ are relative, paths in the guest are absolute; /bin, /sbin, /lib and /lib64 are links into /usr.
 */
export interface ImageFile {
  $schema?: string;
  description?: string;
  /**
   * initramfs: a compressed cpio archive that the kernel unpacks; ext4: a file system for a virtio disk.
   */
  kind: 'initramfs' | 'ext4';
  /**
   * Another declaration (its file's name without .json), whose content comes first.
   */
  extends?: string;
  /**
   * Links of the extended declaration that are left out, because something else is to be there.
   */
  without?: string[];
  /**
   * For ext4: the initramfs that mounts the disk and goes on from there.
   */
  boot?: string;
  /**
   * For ext4: the size of the file system, in MiB. For initramfs: what the archive may have at most, compressed.
   */
  megabytes?: number;
  /**
   * Debian binary packages. The shared libraries that their programs need come by themselves, from the packages that they depend on.
   */
  packages?: {
    /**
     * keep: only what matches one of these patterns, each of which must match something; without it everything but documentation. exclude: not what matches one of these.
     */
    [k: string]: {
      keep?: string[];
      exclude?: string[];
    };
  };
  /**
   * Folders of guests/ that have a Makefile, and where in the guest what it builds goes.
   */
  programs?: {
    [k: string]: string;
  };
  /**
   * Files of this project. With a pattern in `from`, `to` is a folder.
   */
  files?: {
    from: string;
    to: string;
    mode?: string;
  }[];
  /**
   * Folders, with their modes; those on the way to a file are made anyway.
   */
  folders?: {
    [k: string]: string;
  };
  /**
   * Symbolic links: what they say, and the paths that say it.
   */
  links?: {
    [k: string]: string[];
  };
  /**
   * Character devices that must be there before devtmpfs is mounted: their major and minor numbers.
   */
  devices?: {
    /**
     * @minItems 2
     * @maxItems 2
     */
    [k: string]: [number, number];
  };
  /**
   * Users, each with a group of the same name and number; none has a password.
   */
  accounts?: {
    [k: string]: {
      id: number;
      home: string;
      shell: string;
    };
  };
}
