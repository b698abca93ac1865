// SPDX-License-Identifier: MIT
import type { Products } from '../cluster/products.js';
import type { Context } from '../host/context.js';
import { BASE_PACKAGES, ensurePackages, type PackagePolicy } from '../host/packages.js';
import { buildImage } from '../image/build.js';
import { buildKernel } from '../kernel/build.js';
import { giveSource, parseGivenSource } from '../kernel/given-source.js';
import type { LineId, Variant } from '../kernel/product.js';
import type { Invocation } from './command.js';
import type { Branch } from './view/tree.js';

/** Branches of the tree for what {@link prepareProducts} does. */
export const PREPARATION_BRANCHES: readonly Branch[] = [
  { id: 'host', title: 'Host' },
  { id: 'kernel', title: 'Kernel' },
  { id: 'image', title: 'Guest image' },
];

/** What a command line, or a scenario, says of the kernel and the image. */
export interface Wish {
  readonly preferred?: readonly LineId[];
  readonly variant?: Variant;
  readonly image: 'initramfs' | 'disk';
}

/**
 * Everything before the first guest: Debian packages, a kernel, an image. The flags --kernel, --debug, --kernel-source
 * and --no-install of `invocation` go before the wish.
 */
export async function prepareProducts(
  context: Context,
  invocation: Invocation,
  wish: Wish,
): Promise<Products> {
  const policy: PackagePolicy = {
    install: !invocation.flag('no-install'),
    root: process.getuid?.() === 0,
  };
  await ensurePackages(context, BASE_PACKAGES, policy);
  for (const text of invocation.texts('kernel-source')) {
    const { line, path } = parseGivenSource(text);
    await giveSource(context, line, path);
  }
  const pinned = invocation.text('kernel');
  const kernel = await buildKernel(context, {
    variant: invocation.flag('debug') ? 'debug' : (wish.variant ?? 'release'),
    provide: async (packages) => ensurePackages(context, packages, policy),
    ...(pinned === undefined ? {} : { pinned }),
    ...(wish.preferred === undefined ? {} : { preferred: wish.preferred }),
  });
  const image = await buildImage(context, wish.image);
  return { kernel, image };
}
