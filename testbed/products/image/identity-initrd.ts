// SPDX-License-Identifier: MIT
import { writeCpio } from './cpio.js';
import { imagePath, type Inode } from './root-tree.js';

/** A file that differs from guest to guest: names, addresses, keys. */
export interface IdentityFile {
  readonly path: string;
  readonly mode: number;
  readonly content: string | Buffer;
}

/**
 * The files that differ from guest to guest, as an initramfs to lay over an image. It has no folders, since the image
 * declares them with their modes.
 */
export async function identityInitrd(files: readonly IdentityFile[]): Promise<Buffer> {
  const entries = files
    .map(({ path, mode, content }): [string, Inode] => {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      return [imagePath(path), { type: 'file', mode, uid: 0, gid: 0, content: bytes }];
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const chunks = [];
  for await (const chunk of writeCpio(entries)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
