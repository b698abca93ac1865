// SPDX-License-Identifier: MIT
import { readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../base/host/make-folder.js';
import type { Context } from '../../base/host/context.js';
import { processStartTime } from '../../base/host/process-identity.js';
import { reportFullDisk } from './disk-space.js';
import { contentFolder, manifestPath, readManifest, writeManifest, type Manifest } from './manifest.js';

/** A product in the store, found by the hash of its inputs. Immutable. */
export interface StoredProduct {
  readonly kind: string;
  readonly key: string;
  readonly title: string;
  /** Its files. */
  readonly folder: string;
  /** What `fill` returned, converted to JSON and back. */
  readonly description: unknown;
  readonly bytes: number;
  readonly created: Date;
  readonly lastUse: Date;
}

/** A product that is to be made. */
export interface Recipe {
  /** A folder name: `kernel`, `image`. */
  readonly kind: string;
  /** A hash over everything that the product is made from. */
  readonly key: string;
  readonly title: string;
}

/** What pruning keeps. A product stays when either of the two applies to it. */
export interface Retention {
  /** The number of products of each kind to keep. Those used last are kept. */
  readonly newest?: number;
  readonly keys?: ReadonlySet<string>;
}

const PARTIAL = '.partial';

/**
 * Products under `<cache>/store/<kind>/<key>/`. A product gets that name only when it is whole, so a product whose
 * making was interrupted is never used.
 */
export class Store {
  readonly root: string;
  readonly #clock: Context['clock'];
  /** Shared by all stores of this process, so that each put has a scratch folder of its own. */
  static #puts = 0;

  constructor(context: Pick<Context, 'paths' | 'clock'>) {
    this.root = join(context.paths.cache, 'store');
    this.#clock = context.clock;
  }

  /** Returns a product and marks it as used now. Undefined when it is not there or not whole. */
  async get(kind: string, key: string): Promise<StoredProduct | undefined> {
    const folder = join(this.root, kind, key);
    const manifest = await readManifest(folder);
    if (manifest === undefined) return undefined;
    const now = this.#clock.date();
    // The manifest's modification time is the product's last use.
    await utimes(manifestPath(folder), now, now).catch(() => undefined);
    return toProduct(folder, manifest, now);
  }

  /**
   * Makes a product: `fill` writes its files into the given folder and returns the facts to store about it. When another
   * process has stored the same product meanwhile, that one is kept.
   * @throws DiskFullError
   */
  async put(recipe: Recipe, fill: (folder: string) => Promise<unknown>): Promise<StoredProduct> {
    return await reportFullDisk(this.root, `storing ${recipe.title}`, async () => {
      await this.clearRemains();
      const scratch = await this.#scratch(recipe);
      try {
        await makeFolder(contentFolder(scratch));
        const description = await fill(contentFolder(scratch));
        const created = this.#clock.date().toISOString();
        await writeManifest(scratch, { ...recipe, created, description });
        return await this.#settle(recipe, scratch);
      } finally {
        await rm(scratch, { recursive: true, force: true });
      }
    });
  }

  /** Every whole product, those used last first. */
  async list(): Promise<readonly StoredProduct[]> {
    const products: StoredProduct[] = [];
    for (const kind of await names(this.root)) {
      if (kind === PARTIAL) continue;
      for (const key of await names(join(this.root, kind))) {
        const folder = join(this.root, kind, key);
        const manifest = await readManifest(folder);
        if (manifest === undefined) continue;
        products.push(toProduct(folder, manifest, (await stat(manifestPath(folder))).mtime));
      }
    }
    return products.sort((a, b) => b.lastUse.getTime() - a.lastUse.getTime());
  }

  /** Removes what `retention` does not keep, and what interrupted puts have left. @returns what was removed */
  async prune(retention: Retention): Promise<readonly StoredProduct[]> {
    await this.clearRemains();
    const seen = new Map<string, number>();
    const removed: StoredProduct[] = [];
    for (const product of await this.list()) {
      const newer = seen.get(product.kind) ?? 0;
      seen.set(product.kind, newer + 1);
      if (newer < (retention.newest ?? 0) || retention.keys?.has(product.key) === true) continue;
      await this.remove(product.kind, product.key);
      removed.push(product);
    }
    return removed;
  }

  /** Removes a product. It is renamed first, so that nobody finds a half-removed one. No error when it is not there. */
  async remove(kind: string, key: string): Promise<void> {
    const doomed = await this.#scratch({ kind, key, title: '' });
    await makeFolder(join(this.root, PARTIAL));
    try {
      await rename(join(this.root, kind, key), doomed);
    } catch {
      return;
    }
    await rm(doomed, { recursive: true, force: true });
  }

  /** Removes half-written products of processes that have ended. @returns whether there were any */
  async clearRemains(): Promise<boolean> {
    const partial = join(this.root, PARTIAL);
    let any = false;
    for (const name of await names(partial)) {
      const [pid = '', startTime = ''] = name.split('.');
      if ((await processStartTime(Number(pid))) === startTime) continue;
      await rm(join(partial, name), { recursive: true, force: true });
      any = true;
    }
    return any;
  }

  /** A folder of this process on the store's file system. Its name says which process it belongs to. */
  async #scratch(recipe: Recipe): Promise<string> {
    const startTime = (await processStartTime(process.pid)) ?? '';
    Store.#puts += 1;
    return join(
      this.root,
      PARTIAL,
      `${process.pid}.${startTime}.${Store.#puts}.${recipe.kind}.${recipe.key}`,
    );
  }

  async #settle(recipe: Recipe, scratch: string): Promise<StoredProduct> {
    const { kind, key } = recipe;
    const final = join(this.root, kind, key);
    await makeFolder(join(this.root, kind));
    while (!(await renamed(scratch, final))) {
      const theirs = await this.get(kind, key);
      if (theirs !== undefined) return theirs;
      await this.remove(kind, key);
    }
    const ours = await this.get(kind, key);
    if (ours === undefined) throw new Error(`${final} was removed while it was being stored`);
    return ours;
  }
}

function toProduct(folder: string, manifest: Manifest, lastUse: Date): StoredProduct {
  const { kind, key, title, description } = manifest;
  return {
    kind,
    key,
    title,
    folder: contentFolder(folder),
    description,
    bytes: Object.values(manifest.files).reduce((sum, bytes) => sum + bytes, 0),
    created: new Date(manifest.created),
    lastUse,
  };
}

/** @returns false when something stands in the way */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (thrown) {
    if (['ENOTEMPTY', 'EEXIST'].includes((thrown as NodeJS.ErrnoException).code ?? '')) return false;
    throw thrown;
  }
}

async function names(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}
