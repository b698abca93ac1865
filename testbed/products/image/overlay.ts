// SPDX-License-Identifier: MIT
import type { Context } from '../../base/host/context.js';
import type { ImageProduct } from './image-product.js';

/**
 * Makes a qcow2 file on top of a disk image. What a guest writes goes into this file and never into the image.
 * @throws ProgramFailedError when qemu-img fails
 */
export async function createOverlay(context: Context, image: ImageProduct, path: string): Promise<void> {
  await context.processes.succeed(
    ['qemu-img', 'create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', image.path, path],
    { signal: context.signal },
  );
}
