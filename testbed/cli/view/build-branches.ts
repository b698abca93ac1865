// SPDX-License-Identifier: MIT
import type { Branch } from './tree.js';

/** Branches of the tree for the steps of a build. */
export const BUILD_BRANCHES: readonly Branch[] = [
  { id: 'host', title: 'Host' },
  { id: 'kernel', title: 'Kernel' },
  { id: 'image', title: 'Guest image' },
];
