// SPDX-License-Identifier: MIT
import type { ImageProduct } from '../image/product.js';
import type { KernelProduct } from '../kernel/product.js';

/** What a cluster's guests are made of. */
export interface Products {
  readonly kernel: KernelProduct;
  readonly image: ImageProduct;
}
