// SPDX-License-Identifier: MIT
import type { Point } from './check-points.js';

/** Points as the kernel's test protocol has them (Documentation/dev-tools/ktap.rst). Diagnostics stand before their result. */
export function ktapOf(points: readonly Point[]): readonly string[] {
  return ['KTAP version 1', `1..${points.length}`, ...points.flatMap(resultLines)];
}

function resultLines({ name, trouble, skipped }: Point, at: number): readonly string[] {
  const ok = trouble === undefined ? 'ok' : 'not ok';
  const directive = skipped === undefined ? '' : ` # SKIP ${skipped}`;
  return [...(trouble ?? []).map((line) => `# ${line}`), `${ok} ${at + 1} ${name}${directive}`];
}
