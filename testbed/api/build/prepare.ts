// SPDX-License-Identifier: MIT
import type { Context } from '../../base/host/context.js';
import { BASE_PACKAGES, ensurePackages, type PackagePolicy } from '../../base/host/packages.js';
import { together } from '../../base/lifecycle/together.js';
import type { Products } from '../../machines/cluster/products.js';
import { chooseQemu } from '../../machines/node/chosen-qemu.js';
import { buildImage } from '../../products/image/build-image.js';
import { buildLockstep } from '../../products/image/lockstep-programs.js';
import { buildKernel } from '../../products/kernel/build-kernel.js';
import { giveSource } from '../../products/kernel/source/given-source.js';
import type { BuildRequest } from './build-request.js';

/** Everything before the first guest: {@link prepareHost}, then {@link makeProducts}. */
export async function prepareProducts(context: Context, request: BuildRequest): Promise<Products> {
  await prepareHost(context, request);
  return await makeProducts(context, request);
}

/**
 * The Debian packages that every testbed needs.
 * @throws PackagesMissingError when they may not be installed
 */
export async function prepareHost(context: Context, request: BuildRequest): Promise<void> {
  await ensurePackages(context, BASE_PACKAGES, policyOf(request));
}

/**
 * A kernel and an image, and what else the request names.
 * @throws as buildKernel, buildImage and chooseQemu
 */
export async function makeProducts(context: Context, request: BuildRequest): Promise<Products> {
  for (const [line, source] of Object.entries(request.kernelSources ?? {}))
    await giveSource(context, line, source);
  const [kernel, image] = await together(
    context.signal,
    async (signal) => buildKernel({ ...context, signal }, kernelRequest(context, request)),
    async (signal) => buildImage({ ...context, signal }, request.image ?? 'initramfs'),
  );
  return {
    kernel,
    image,
    ...(request.qemu === undefined ? {} : { qemu: await chooseQemu(context, request.qemu) }),
    ...(request.virtualTime === true ? { lockstep: await buildLockstep(context) } : {}),
  };
}

function kernelRequest(context: Context, request: BuildRequest): Parameters<typeof buildKernel>[1] {
  const { kernel, kernels, variant = 'release' } = request;
  return {
    variant,
    provide: async (packages) => ensurePackages(context, packages, policyOf(request)),
    ...(kernel === undefined ? {} : { pinned: kernel }),
    ...(kernels === undefined ? {} : { preferred: kernels }),
  };
}

function policyOf({ installPackages = false }: BuildRequest): PackagePolicy {
  return { install: installPackages, root: process.getuid?.() === 0 };
}
