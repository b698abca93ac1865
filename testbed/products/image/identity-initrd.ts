// SPDX-License-Identifier: MIT
import { writeCpio } from './cpio.js';
import { imagePath, type Inode } from './root-tree.js';

/** Files that make one guest of an image that all share: names, addresses, keys. */
export interface IdentityFile {
  readonly path: string;
  readonly mode: number;
  readonly content: string | Buffer;
}

/**
 * What tells one guest from another, as an initramfs to lay over an image. It has files only: the image declares the
 * folders that they go to, with their modes.
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
