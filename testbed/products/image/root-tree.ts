// SPDX-License-Identifier: MIT
import { posix } from 'node:path';
import { ImageConflictError } from './errors.js';

/** Bytes of a file: in memory, or in a file of the host. */
export type Content = Buffer | { readonly path: string; readonly bytes: number };

interface Owned {
  /** Permission bits, with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export type Inode =
  | (Owned & { readonly type: 'file'; readonly content: Content })
  | (Owned & { readonly type: 'directory' })
  | (Owned & { readonly type: 'symlink'; readonly target: string })
  | (Owned & { readonly type: 'character-device'; readonly major: number; readonly minor: number });

/** Folders that are links into `/usr`, as in Debian, so that every file has one path. */
const MERGED = new Set(['bin', 'sbin', 'lib', 'lib64']);

/** A path in the form that an image uses: no leading slash, no dots, /usr merged. The root is ''. */
export function imagePath(path: string): string {
  const plain = posix.normalize(`/${path}`).replace(/^\/|\/$/g, '');
  return MERGED.has(plain.split('/')[0] ?? '') ? `usr/${plain}` : plain;
}

/**
 * A guest's root file system before it is written. Owners and modes are kept here, since only root could set them on
 * disk. The writers (cpio, ext4) take them from here.
 */
export class RootTree {
  readonly #inodes = new Map<string, Inode>();

  /** A tree with only the links into `/usr`. */
  static withMergedUsr(): RootTree {
    const tree = new RootTree();
    for (const name of MERGED) {
      tree.#inodes.set(name, { type: 'symlink', mode: 0o777, uid: 0, gid: 0, target: `usr/${name}` });
      tree.#makeFolders(`usr/${name}`);
    }
    return tree;
  }

  /**
   * Puts something at a path. Folders on the way are made. A folder may be put again; the later mode counts.
   * @throws ImageConflictError when something else is there already
   */
  put(path: string, inode: Inode): void {
    const place = imagePath(path);
    const there = this.#inodes.get(place);
    if (there !== undefined && !(there.type === 'directory' && inode.type === 'directory')) {
      throw new ImageConflictError(place, there.type, inode.type);
    }
    this.#makeFolders(posix.dirname(place));
    this.#inodes.set(place, inode);
  }

  get(path: string): Inode | undefined {
    return this.#inodes.get(imagePath(path));
  }

  /** All entries, a folder before its content, in an order that depends only on the paths. */
  entries(): readonly (readonly [path: string, inode: Inode])[] {
    return [...this.#inodes].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #makeFolders(place: string): void {
    if (place === '.') return;
    const there = this.#inodes.get(place);
    if (there?.type === 'directory') return;
    if (there !== undefined) throw new ImageConflictError(place, there.type, 'directory');
    this.#makeFolders(posix.dirname(place));
    this.#inodes.set(place, { type: 'directory', mode: 0o755, uid: 0, gid: 0 });
  }
}
