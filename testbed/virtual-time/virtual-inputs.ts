// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Products } from '../machines/cluster/products.js';
import type { Context } from '../base/host/context.js';
import { hashFile, hashParts, hashText } from '../products/store/file-hash.js';
import { QEMU } from '../machines/node/qemu-version.js';
import { programPath } from '../base/process/program-path.js';
import type { VirtualTimeInputs } from '../experiment/result/cell-record.js';
import type { Run } from '../experiment/result/load-run.js';
import type { Cell } from '../experiment/scenario/plan.js';
import { DifferentInputsError } from './errors.js';
import type { LockstepPrograms } from '../products/image/lockstep-programs.js';
import { planCell, type PlannedStep, stepsOf } from './operator-plan.js';

/** Firmware that QEMU gives to our guests: the BIOS, the option ROM for the APIC, and the loader of `-kernel`. */
const FIRMWARE = ['bios-256k.bin', 'kvmvapic.bin', 'linuxboot_dma.bin'];

/** Hashes of everything that a run depends on beside kernel, image and cell. @throws ProgramMissingError */
export async function inputsOf(
  context: Context,
  { lockstep, qemu }: Pick<Products, 'qemu'> & { readonly lockstep: Programs },
  steps: readonly PlannedStep[],
): Promise<VirtualTimeInputs> {
  return { ...(await programHashes(context, { lockstep, qemu })), plan: planHash(steps) };
}

type Programs = Pick<LockstepPrograms, 'plugin' | 'coordinator'>;

/** The hashes that all cells of a run have in common. */
async function programHashes(
  context: Context,
  { lockstep, qemu }: { readonly lockstep: Programs; readonly qemu: Products['qemu'] },
): Promise<Omit<VirtualTimeInputs, 'plan'>> {
  return {
    qemu: await qemuHash(context, qemu?.program ?? QEMU),
    lockstep: hashParts({
      plugin: await hashFile(lockstep.plugin),
      coordinator: await hashFile(lockstep.coordinator),
    }),
  };
}

function planHash(steps: readonly PlannedStep[]): string {
  return hashText(JSON.stringify(steps));
}

async function qemuHash({ processes, signal }: Context, name: string): Promise<string> {
  const program = await programPath(name);
  // QEMU prints the folders in which it looks, one a line, in the order of its search.
  const { stdout } = await processes.succeed([program, '-L', 'help'], { signal });
  const folders = stdout.split('\n').filter((line) => line !== '');
  const parts: Record<string, string> = { program: await hashFile(program) };
  for (const name of FIRMWARE) {
    const file = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
    if (file !== undefined) parts[name] = await hashFile(file);
  }
  return hashParts(parts);
}

/** Checks that the inputs of these cells are still those of the run. @throws DifferentInputsError with all that differ */
export async function refuseDifferentInputs(
  context: Context,
  { record, cells }: Run,
  products: Products,
  wanted: readonly Cell[],
): Promise<void> {
  const { kernel, image, lockstep, qemu } = products;
  const programs = lockstep && (await programHashes(context, { lockstep, qemu }));
  const differences = new Map<string, readonly [string, string, string]>();
  const compare = (what: string, before: string, now: string): void => {
    if (before !== now) differences.set(what, [what, before, now]);
  };
  compare('kernel', record.kernel.key, kernel.key);
  compare('image', record.image.key, image.key);
  for (const { id } of wanted) {
    const found = cells.find(({ cell }) => cell.id === id);
    const before = found?.result?.virtualTime?.inputs;
    if (found === undefined || before === undefined || programs === undefined) continue;
    compare('QEMU', before.qemu, programs.qemu);
    compare('coordinator and plugin', before.lockstep, programs.lockstep);
    const plan = planHash(stepsOf(await planCell(context.paths, found.cell)));
    compare(`what is done on the guests of ${id}`, before.plan, plan);
  }
  if (differences.size > 0) throw new DifferentInputsError(record.id, [...differences.values()]);
}
