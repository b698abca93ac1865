// SPDX-License-Identifier: MIT
import type { Products } from '../cluster/products.js';
import type { Context } from '../host/context.js';
import { qemuVersion } from '../node/qemu-version.js';
import type { Run } from '../result/load.js';
import { DifferentInputsError } from './errors.js';

/** Compares what a run in virtual time was made with to what there is now. @throws DifferentInputsError */
export async function refuseDifferentInputs(
  context: Context,
  { record, cells }: Run,
  { kernel, image, lockstep }: Products,
): Promise<void> {
  const before = cells.find(({ result }) => result?.virtualTime !== undefined)?.result?.virtualTime;
  const inputs = [
    ['QEMU', record.qemu, (await qemuVersion(context)).text],
    ['kernel', record.kernel.key, kernel.key],
    ['image', record.image.key, image.key],
    ['coordinator and plugin', before?.lockstep ?? lockstep?.key ?? '', lockstep?.key ?? ''],
  ] as const;
  const differences = inputs.filter(([, then, now]) => then !== now);
  if (differences.length > 0) throw new DifferentInputsError(record.id, differences);
}
