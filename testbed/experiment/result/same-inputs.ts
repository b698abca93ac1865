// SPDX-License-Identifier: MIT
import type { Products } from '../../machines/cluster/products.js';
import { keyOf, type Plan } from '../scenario/plan.js';
import { RunMismatchError } from './errors.js';
import type { RunRecord } from './run-record.js';

/** Checks that cells measured now have the inputs of a run. @throws RunMismatchError with every difference */
export function refuseOtherInputs(
  record: RunRecord,
  now: { readonly plan: Pick<Plan, 'key'>; readonly products: Products },
): void {
  const { kernel, image } = now.products;
  const differences = [
    ...difference('the cells that its scenario means', record.plan.key, now.plan.key),
    ...difference(`kernel ${record.kernel.line}, ${record.kernel.variant}`, record.kernel.key, kernel.key),
    ...difference(`image ${record.image.name}`, record.image.key, image.key),
  ];
  if (differences.length > 0) throw new RunMismatchError(record.id, differences);
}

/**
 * Checks that the cells of a run are those that it was begun with.
 * @throws RunMismatchError when its run.json was edited since
 */
export function refuseChangedPlan({ id, plan }: RunRecord): void {
  const differences = difference('the cells in its run.json', plan.key, keyOf(plan.cells));
  if (differences.length > 0) throw new RunMismatchError(id, differences);
}

function difference(what: string, then: string, now: string): readonly string[] {
  const short = (hash: string): string => hash.slice(0, 12);
  return then === now ? [] : [`${what} had hash ${short(then)}, now ${short(now)}`];
}
