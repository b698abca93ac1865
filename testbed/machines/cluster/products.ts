// SPDX-License-Identifier: MIT
import type { ImageProduct } from '../../products/image/image-product.js';
import type { KernelProduct } from '../../products/kernel/line/kernel-product.js';
import type { ChosenQemu } from '../node/chosen-qemu.js';
import type { LockstepPrograms } from '../../products/image/lockstep-programs.js';

/** The products that a cluster's guests are made from. */
export interface Products {
  readonly kernel: KernelProduct;
  readonly image: ImageProduct;
  /** A QEMU other than the host's own. */
  readonly qemu?: ChosenQemu;
  /** For guests in virtual time. */
  readonly lockstep?: LockstepPrograms;
}
