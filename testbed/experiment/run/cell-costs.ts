// SPDX-License-Identifier: MIT
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunPlanned } from '../../base/event/event.js';
import type { Paths } from '../../base/host/paths.js';
import { changeState, readState } from '../../base/host/state-file.js';
import type { KernelProduct, LineId, Variant } from '../../products/kernel/line/kernel-product.js';
import { hashParts } from '../../products/store/file-hash.js';
import type { CellRecord } from '../result/cell-record.js';
import type { Cell } from '../scenario/plan.js';

/** What a cell took on this host. */
export interface CellCost {
  /** Of the host, from before the boot to after the end of the machines. */
  readonly seconds: number;
  /** Of the files that are kept. */
  readonly bytes: number;
}

/** What a run is going to take, going by cells that were measured on this host before. */
export type RunEstimate = Omit<RunPlanned, 'type' | 'at'>;

/** Kernels that a run may have: it takes the first of the lines whose source is available. */
export interface PossibleKernels {
  readonly lines: readonly LineId[];
  readonly variant: Variant;
}

const FILE = 'cell-costs.json';

/** What cells have taken, kept in the cache. */
export class CellCosts {
  readonly #path: string;
  readonly #costs: Map<string, CellCost>;
  /** Cells in virtual time end side by side, and the file is read and written as a whole. */
  #kept: Promise<unknown> = Promise.resolve();

  private constructor(path: string, costs: Readonly<Record<string, CellCost>>) {
    this.#path = path;
    this.#costs = new Map(Object.entries(costs).filter(([, cost]) => isCost(cost)));
  }

  /** A file that cannot be read counts as empty: it only makes estimates poorer. */
  static async open({ cache }: Pick<Paths, 'cache'>): Promise<CellCosts> {
    const path = join(cache, FILE);
    return new CellCosts(path, await readState(path));
  }

  /** What the cells are going to take when `atOnce` of them run at a time. */
  estimate(cells: readonly Cell[], kernels: PossibleKernels, atOnce: number): RunEstimate {
    const known = cells.map((cell) => this.#find(cell, kernels)).filter((cost) => cost !== undefined);
    return {
      cells: cells.length,
      unknown: cells.length - known.length,
      virtualTime: cells.every(({ shape }) => shape.virtualTime !== undefined),
      seconds: known.reduce((sum, { seconds }) => sum + seconds, 0) / atOnce,
      bytes: known.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  /** Remembers a cell that was measured; the last one counts. */
  async keep(cell: Cell, kernel: Pick<KernelProduct, 'line' | 'variant'>, cost: CellCost): Promise<void> {
    const key = keyOf(cell, kernel);
    this.#costs.set(key, cost);
    // A full or read-only cache makes no measurement wrong.
    this.#kept = this.#kept.then(async () => changeState(this.#path, key, cost)).catch(() => undefined);
    await this.#kept;
  }

  #find(cell: Cell, { lines, variant }: PossibleKernels): CellCost | undefined {
    return lines
      .map((line) => this.#costs.get(keyOf(cell, { line, variant })))
      .find((cost) => cost !== undefined);
  }
}

/** What a cell has taken, by its record in the folder of its run. */
export async function costOf(folder: string, record: CellRecord): Promise<CellCost> {
  const { id, consoles, virtualTime, wallSeconds } = record;
  const files = [join('cells', `${id}.json`), ...consoles, virtualTime?.transcript, virtualTime?.capture];
  const sizes = await Promise.all(
    files.map(async (file) => (file === undefined ? 0 : sizeOf(join(folder, file)))),
  );
  return { seconds: wallSeconds, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** What is not there takes nothing. */
async function sizeOf(path: string): Promise<number> {
  return await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Hash of all that makes a cell cheap or dear. Repeat, seeds and deadline do not. */
function keyOf(cell: Cell, { line, variant }: Pick<KernelProduct, 'line' | 'variant'>): string {
  const { system, workload, footprintBytes, shape, flows, swap, elastic } = cell;
  const { virtualTime, ...machines } = shape;
  const clock = virtualTime && { ...virtualTime, seed: 0 };
  return hashParts({
    line,
    variant,
    system,
    workload,
    footprintBytes,
    machines,
    clock,
    flows,
    swap,
    elastic,
  });
}

function isCost(value: Partial<CellCost> | null): boolean {
  return [value?.seconds, value?.bytes].every((figure) => typeof figure === 'number' && figure >= 0);
}
