// SPDX-License-Identifier: MIT
import type { Context } from '../../base/host/context.js';
import type { ImageProduct } from './image-product.js';

/**
 * Makes a qcow2 file that has a disk image behind it: what a guest writes goes there and never into the image.
 * @throws ProgramFailedError when qemu-img fails
 */
export async function createOverlay(context: Context, image: ImageProduct, path: string): Promise<void> {
  await context.processes.succeed(
    ['qemu-img', 'create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', image.path, path],
    { signal: context.signal },
  );
}
