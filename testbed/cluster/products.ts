// SPDX-License-Identifier: MIT
import type { ImageProduct } from '../image/product.js';
import type { KernelProduct } from '../kernel/product.js';
import type { LockstepPrograms } from '../virtual-time/lockstep-programs.js';

/** What a cluster's guests are made of. */
export interface Products {
  readonly kernel: KernelProduct;
  readonly image: ImageProduct;
  /** For guests in virtual time. */
  readonly lockstep?: LockstepPrograms;
}
