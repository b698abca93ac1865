// SPDX-License-Identifier: MIT
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { makeFolder } from '../../base/host/make-folder.js';
import type { Products } from '../../machines/cluster/products.js';
import type { ErrorRecord } from '../../base/error/testbed-error.js';
import { reportUnusable } from '../../base/error/unusable-path.js';
import type { Context } from '../../base/host/context.js';
import { readRegularFile } from '../../base/host/read-file.js';
import { qemuVersion } from '../../machines/node/qemu-version.js';
import type { Cell, Plan } from '../scenario/plan.js';
import { reportFullDisk } from '../../products/store/disk-space.js';
import type { CellRecord, VirtualTimeRecord } from './cell-record.js';
import { ResultInvalidError } from './errors.js';
import { hostRecord, testbedRecord } from './provenance.js';
import type { RunRecord } from './run-record.js';
import { checkResult } from './schema.js';

const RUN = 'run.json';
/** Folder for the files of machines that run. */
export const SCRATCH = '.scratch';
/** Folder for the files of virtual time, in a cell's scratch and in the run. */
const VIRTUAL_TIME = 'virtual-time';

/** A folder for the files of a cell's machines while they run. Disposal removes it. */
export interface Scratch extends AsyncDisposable {
  readonly folder: string;
}

/** Held by whoever works on the run in this folder. */
export function runLock(folder: string): string {
  return join(folder, '.lock');
}

/** What a cell's run adds to its coordinates. */
export type CellOutcome = Omit<
  CellRecord,
  'format' | 'id' | 'system' | 'workload' | 'footprintBytes' | 'seed' | 'repeat' | 'consoles'
>;

/**
 * `results/<run>/`: run.json, scenario.json (verbatim), `cells/<id>.json`, `consoles/<id>/<node>.log`, `virtual-time/<id>/`,
 * events.jsonl.
 * Files appear whole or not at all, so that a run can be interrupted at any moment.
 */
export class RunFolder {
  private constructor(
    readonly folder: string,
    readonly record: RunRecord,
  ) {}

  /** Makes a new run of a plan. */
  static async create(
    context: Context,
    { plan, products }: { readonly plan: Plan; readonly products: Products },
  ): Promise<RunFolder> {
    const { kernel, image, qemu } = products;
    const now = context.clock.date();
    const facts = {
      format: 1 as const,
      startedAt: now.toISOString(),
      plan,
      kernel: { ...kernel.provenance, key: kernel.key },
      image: {
        name: image.name,
        kind: image.kind,
        key: image.key,
        sha256: image.sha256,
        bytes: image.bytes,
        packages: image.packages,
      },
      qemu: (await qemuVersion(context, qemu?.program)).text,
      ...(qemu === undefined ? {} : { qemuFrom: qemu.from }),
      host: await hostRecord(),
      testbed: await testbedRecord(context),
    };
    const root = context.paths.results;
    const id = await claim(root, runName(now, plan));
    const run = new RunFolder(join(root, id), { ...facts, id });
    await checkResult('run', run.record, RUN);
    await run.#write('scenario.json', plan.scenario.text);
    await run.#write(RUN, json(run.record));
    return run;
  }

  /** Opens a run. @throws ResultInvalidError when the folder is not that of a run */
  static async open(folder: string): Promise<RunFolder> {
    const path = resolve(folder);
    return new RunFolder(path, (await readResult('run', join(path, RUN))) as RunRecord);
  }

  /** Every record there is, in the plan's order. @throws ResultInvalidError */
  async cells(): Promise<readonly CellRecord[]> {
    const records: CellRecord[] = [];
    for (const { id } of this.record.plan.cells) {
      const record = await this.#read(id);
      if (record !== undefined) records.push(record);
    }
    return records;
  }

  /** The records that are kept, by cell. A cell in error has none here, since it is run again. */
  async finished(): Promise<ReadonlyMap<string, CellRecord>> {
    const records = await this.cells();
    return new Map(records.filter(({ status }) => status !== 'error').map((record) => [record.id, record]));
  }

  /** Keeps a cell's record, and the consoles of its machines. */
  async save(cell: Cell, scratch: Scratch, outcome: CellOutcome): Promise<CellRecord> {
    const { id, system, workload, footprintBytes, seed, repeat } = cell;
    return await reportFullDisk(this.folder, `keeping the result of ${id}`, async () => {
      const { error, virtualTime, ...rest } = outcome;
      const record: CellRecord = {
        format: 1,
        id,
        system,
        workload,
        footprintBytes,
        seed,
        repeat,
        ...rest,
        ...(error === undefined ? {} : { error: lasting(error, id, scratch) }),
        ...(virtualTime === undefined
          ? {}
          : { virtualTime: await this.#keepVirtualTime(id, scratch, virtualTime) }),
        consoles: await this.#keepConsoles(id, scratch),
      };
      await checkResult('cell', record, `cells/${id}.json`);
      await this.#write(join('cells', `${id}.json`), json(record));
      return record;
    });
  }

  async openScratch(): Promise<Scratch> {
    const folder = join(this.folder, SCRATCH, randomUUID());
    await makeFolder(folder, 0o700);
    return {
      folder,
      [Symbol.asyncDispose]: async () => {
        await rm(folder, { recursive: true, force: true });
        // Removes the parent too when this was the last one in it.
        await rmdir(dirname(folder)).catch(() => undefined);
      },
    };
  }

  /** Removes what is left of an attempt that was killed. */
  async clearScratch(): Promise<void> {
    await rm(join(this.folder, SCRATCH), { recursive: true, force: true });
  }

  async #read(id: string): Promise<CellRecord | undefined> {
    try {
      return (await readResult('cell', join(this.folder, 'cells', `${id}.json`))) as CellRecord;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw thrown;
    }
  }

  async #keepConsoles(id: string, { folder }: Scratch): Promise<readonly string[]> {
    const kept: string[] = [];
    for (const node of (await readdir(folder)).sort()) {
      const path = join('consoles', id, `${node}.log`);
      await makeFolder(join(this.folder, dirname(path)));
      try {
        await copyFile(join(folder, node, CONSOLE), join(this.folder, path));
        kept.push(path);
      } catch (thrown) {
        // The node had not started, so it has no console.
        if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
      }
    }
    return kept;
  }

  async #keepVirtualTime(
    id: string,
    { folder }: Scratch,
    record: VirtualTimeRecord,
  ): Promise<VirtualTimeRecord> {
    const keep = async (file: string): Promise<string> => {
      const path = join(VIRTUAL_TIME, id, file);
      await makeFolder(join(this.folder, dirname(path)));
      await copyFile(join(folder, VIRTUAL_TIME, file), join(this.folder, path));
      return path;
    };
    const { transcript, capture } = record;
    return {
      ...record,
      transcript: await keep(transcript),
      ...(capture === undefined ? {} : { capture: await keep(capture) }),
    };
  }

  async #write(path: string, text: string): Promise<void> {
    const target = join(this.folder, path);
    const partial = `${target}.partial`;
    await reportUnusable(target, async () => makeFolder(dirname(target)));
    const file = await open(partial, 'w');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await reportUnusable(target, async () => rename(partial, target));
  }
}

/** Replaces the paths of consoles in an error by those where they are kept, relative to the run's folder. */
function lasting(error: ErrorRecord, id: string, { folder }: Scratch): ErrorRecord {
  const { log, ...rest } = error;
  if (log?.startsWith(folder) !== true) return error;
  const [node] = log.slice(folder.length + 1).split('/');
  return { ...rest, log: join('consoles', id, `${node ?? ''}.log`) };
}

/** Name of a node's console log in its folder. */
const CONSOLE = 'console.log';

/** `20260131T120000Z-network-swap-1a2b3c4`: sorts by time. */
function runName(now: Date, { scenario, key }: Plan): string {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  return `${time}-${scenario.name}-${key.slice(0, 7)}`;
}

/** Makes a folder that did not exist, since two runs may begin in the same second. */
async function claim(root: string, name: string): Promise<string> {
  await reportUnusable(root, async () => makeFolder(root));
  for (let attempt = 1; ; attempt += 1) {
    const id = attempt === 1 ? name : `${name}-${attempt}`;
    try {
      await mkdir(join(root, id));
      return id;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
    }
  }
}

async function readResult(kind: 'cell' | 'run', path: string): Promise<unknown> {
  let value: unknown;
  try {
    value = JSON.parse(await readRegularFile(path));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') throw thrown;
    throw new ResultInvalidError(path, [(thrown as Error).message]);
  }
  await checkResult(kind, value, path);
  return value;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
