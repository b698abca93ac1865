// SPDX-License-Identifier: MIT
import type { KernelProvenance } from '../../products/kernel/line/kernel-product.js';

/**
 * What two kernels of different keys differ in: line, variant, source, config, compiler, each patch. Of two lines, only
 * that. Empty when it is something that a run does not record by itself, such as a file of the module.
 */
export function kernelParts(a: KernelProvenance, b: KernelProvenance): readonly string[] {
  if (a.line !== b.line) return [`${a.line}, then ${b.line}`];
  const [left, right] = [partsOf(a), partsOf(b)];
  return [...new Set([...left.keys(), ...right.keys()])].filter((part) => left.get(part) !== right.get(part));
}

function partsOf({
  variant,
  source,
  configSha256,
  compiler,
  patches,
}: KernelProvenance): ReadonlyMap<string, string> {
  return new Map([
    ['variant', variant],
    ['source', source.sha256],
    ['config', configSha256],
    ['compiler', compiler],
    ...patches.map(({ name, sha256 }) => [`patch ${name}`, sha256] as const),
  ]);
}
