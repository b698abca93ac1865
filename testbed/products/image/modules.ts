// SPDX-License-Identifier: MIT
import { createWriteStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Context } from '../../base/host/context.js';
import type { KernelProduct } from '../kernel/line/kernel-product.js';
import { writeCpio } from './cpio.js';
import { RootTree } from './root-tree.js';
import { Store } from '../store/store.js';

const ARCHIVE = 'modules.cpio';

/**
 * A kernel's modules as an initramfs to lay over an image. It is not compressed, since unpacking costs a guest more
 * than reading. It is made once for each kernel.
 * @returns the archive's path
 */
export async function modulesInitrd(context: Context, kernel: KernelProduct): Promise<string> {
  const store = new Store(context);
  const title = `modules of ${kernel.line}, ${kernel.variant}`;
  const product =
    (await store.get('modules', kernel.key)) ??
    (await store.put({ kind: 'modules', key: kernel.key, title }, async (folder) => {
      const entries = (await modulesTree(kernel.modules)).entries();
      const archive = createWriteStream(join(folder, ARCHIVE));
      await pipeline(Readable.from(writeCpio(entries)), archive, { signal: context.signal });
    }));
  return join(product.folder, ARCHIVE);
}

/** Links are left out: `build` and `source` point at the machine where the kernel was made. */
async function modulesTree(root: string): Promise<RootTree> {
  const tree = new RootTree();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const content = await readFile(path);
    tree.put(path.slice(root.length), { type: 'file', mode: 0o644, uid: 0, gid: 0, content });
  }
  return tree;
}
