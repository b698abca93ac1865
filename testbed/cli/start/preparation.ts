// SPDX-License-Identifier: MIT
import type { Products } from '../../machines/cluster/products.js';
import type { Context } from '../../base/host/context.js';
import { BASE_PACKAGES, ensurePackages, type PackagePolicy } from '../../base/host/packages.js';
import { buildImage } from '../../products/image/build-image.js';
import { buildKernel } from '../../products/kernel/build-kernel.js';
import { giveSource, parseGivenSource } from '../../products/kernel/source/given-source.js';
import type { LineId, Variant } from '../../products/kernel/line/kernel-product.js';
import { together } from '../../base/lifecycle/together.js';
import { chooseQemu } from '../../machines/node/chosen-qemu.js';
import { buildLockstep } from '../../products/image/lockstep-programs.js';
import type { Invocation } from '../command/command.js';
import type { Branch } from '../view/tree.js';

/** Branches of the tree for what {@link prepareProducts} does. */
export const PREPARATION_BRANCHES: readonly Branch[] = [
  { id: 'host', title: 'Host' },
  { id: 'kernel', title: 'Kernel' },
  { id: 'image', title: 'Guest image' },
];

/** What a command line, or a scenario, says of the kernel and the image. */
export interface ProductRequest {
  readonly preferred?: readonly LineId[];
  readonly variant?: Variant;
  readonly image: 'initramfs' | 'disk';
  /** As `--qemu` has it; the flag overrides it. */
  readonly qemu?: string;
  /** Whether the guests' own instructions are to make time. */
  readonly virtualTime?: boolean;
}

/** Everything before the first guest: {@link prepareHost}, then {@link makeProducts}. */
export async function prepareProducts(
  context: Context,
  invocation: Invocation,
  wanted: ProductRequest,
): Promise<Products> {
  await prepareHost(context, invocation);
  return await makeProducts(context, invocation, wanted);
}

/** The Debian packages that every command needs, or an error where --no-install was given. */
export async function prepareHost(context: Context, invocation: Invocation): Promise<void> {
  await ensurePackages(context, BASE_PACKAGES, policyOf(invocation));
}

function policyOf(invocation: Invocation): PackagePolicy {
  return { install: !invocation.flag('no-install'), root: process.getuid?.() === 0 };
}

/** A kernel and an image. The flags --kernel, --debug and --kernel-source override what is wanted. */
export async function makeProducts(
  context: Context,
  invocation: Invocation,
  wanted: ProductRequest,
): Promise<Products> {
  const policy = policyOf(invocation);
  for (const text of invocation.texts('kernel-source')) {
    const { line, path } = parseGivenSource(text);
    await giveSource(context, line, path);
  }
  const pinned = invocation.text('kernel');
  const request = {
    variant: invocation.flag('debug') ? 'debug' : (wanted.variant ?? 'release'),
    provide: async (packages: readonly string[]) => ensurePackages(context, packages, policy),
    ...(pinned === undefined ? {} : { pinned }),
    ...(wanted.preferred === undefined ? {} : { preferred: wanted.preferred }),
  } as const;
  const [kernel, image] = await together(
    context.signal,
    async (signal) => buildKernel({ ...context, signal }, request),
    async (signal) => buildImage({ ...context, signal }, wanted.image),
  );
  const from = invocation.text('qemu') ?? wanted.qemu;
  const qemu = from === undefined ? {} : { qemu: await chooseQemu(context, from) };
  if (wanted.virtualTime !== true) return { kernel, image, ...qemu };
  return { kernel, image, ...qemu, lockstep: await buildLockstep(context) };
}
