// SPDX-License-Identifier: MIT

/** A kernel that guest tests may boot, or why not. */
export interface VariantAtHand {
  readonly line: string;
  readonly variant: 'release' | 'debug';
  /** Why its source cannot be had; absent when it is built. */
  readonly missing?: string;
}

export type KernelsAtHand = readonly VariantAtHand[];

/** Where the test run leaves its findings for the test files, which are processes of their own. */
export const KERNELS_VARIABLE = 'TESTBED_TEST_KERNELS';

/**
 * Kernels that were prepared. Guest tests are declared for each of them, as skipped where one is missing: a line that
 * cannot be had is told, never passed over.
 */
export function kernelsAtHand(variant: 'release' | 'debug'): KernelsAtHand {
  const text = process.env[KERNELS_VARIABLE];
  if (text === undefined)
    throw new Error('guest tests are run by `npm test`, which builds their kernels first');
  return (JSON.parse(text) as KernelsAtHand).filter((kernel) => kernel.variant === variant);
}
