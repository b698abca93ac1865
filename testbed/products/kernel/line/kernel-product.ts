// SPDX-License-Identifier: MIT

/** Name of a folder of kernel-patches/, such as `linux-2.6.38.8`. */
export type LineId = string;

export type Variant = 'release' | 'debug';

/** A built kernel in the store. It is immutable. */
export interface KernelProduct {
  readonly line: LineId;
  readonly variant: Variant;
  /** What `uname -r` says in a guest. */
  readonly release: string;
  /** sha256 (hex) over all inputs: source, patches, config, module sources, compiler. */
  readonly key: string;
  readonly bzImage: string;
  /** With symbols, for gdb and for decoding stack traces. */
  readonly vmlinux: string;
  /** A tree to lay over a guest's root: `lib/modules/<release>/...`, in-tree and out-of-tree modules. */
  readonly modules: string;
  readonly provenance: KernelProvenance;
}

/** What a result says about its kernel. */
export interface KernelProvenance {
  readonly line: LineId;
  readonly variant: Variant;
  readonly release: string;
  /** Where the source came from (download, debian-package or given), and the hash that was verified or recorded. */
  readonly source: { readonly origin: string; readonly sha256: string };
  /** Why this line was taken: pinned, preferred, or taken because another was not available. */
  readonly choice: string;
  /** sha256 (hex) of what is laid on the source: the core's files (`elasticos/core`), each patch in the series' order, edits. */
  readonly patches: readonly { readonly name: string; readonly sha256: string }[];
  /** sha256 (hex) of the final .config. */
  readonly configSha256: string;
  /** First line of `gcc --version`. */
  readonly compiler: string;
}
