// SPDX-License-Identifier: MIT
import type { LineId, Variant } from '../../products/kernel/line/kernel-product.js';

/** What guests are to be made of. Everything may be left out. */
export interface BuildRequest {
  /** A kernel line, such as `linux-6.1`: this one and no other. */
  readonly kernel?: LineId;
  /** Kernel lines in order of preference, where none is pinned: the first one whose source can be had. */
  readonly kernels?: readonly LineId[];
  /** `release` when left out. */
  readonly variant?: Variant;
  /** Sources to take from now on, by line: a tarball, a directory, or `REPOSITORY#REF`; `default` goes back. */
  readonly kernelSources?: Readonly<Record<LineId, string>>;
  /**
   * Root file system of the guests, a declaration of images/: `initramfs`, in RAM, when left out; `disk`, the same on a
   * disk with an overlay for each node; or another one.
   */
  readonly image?: string;
  /** A QEMU other than the host's: a suite of Debian's, such as `bookworm-backports`, or the path of a program. */
  readonly qemu?: string;
  /** Whether missing Debian packages may be installed with apt-get; they are named in an error when left out. */
  readonly installPackages?: boolean;
  /** Whether the guests are for virtual time: then two programs for QEMU are built as well. */
  readonly virtualTime?: boolean;
}
