// SPDX-License-Identifier: MIT
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchOrRenew } from '../debian/fetch-or-renew.js';
import type { Package } from '../debian/package.js';
import { resolvePackages } from '../debian/resolution.js';
import { stage, type Stage } from '../../base/event/stage.js';
import type { Context } from '../../base/host/context.js';
import { hashFile, hashText } from '../store/file-hash.js';
import { byteText } from '../store/byte-text.js';
import { Store, type StoredProduct } from '../store/store.js';
import { assemble, projectFiles, type Ingredients, type ProjectFile } from './assemble.js';
import { readDeclaration, type ImageDeclaration } from './declaration.js';
import { writeExt4 } from './ext4.js';
import { writeInitramfs } from './initramfs.js';
import type { ImageProduct } from './image-product.js';
import { buildPrograms, type BuiltPrograms } from './programs.js';

/** Goes into every key. To be changed when this code makes something else from the same inputs. */
const RECIPE = 1;

/** The images' folder in the store. */
const KIND = 'image';

/** What the store keeps about an image. */
type ImageRecord = Pick<ImageProduct, 'kind' | 'sha256' | 'bytes' | 'packages'>;

/**
 * Builds the image that `images/<name>.json` declares, or finds it in the store: the same inputs give the same key and
 * the same bytes.
 * Stages: `image/<name>`, and below it one for each folder of programs, `packages` and `assemble`.
 * @throws ImageDeclarationError, ImageInputError, ProgramBuildError, ImageConflictError, LibraryMissingError,
 *   ImageWriteError
 * @throws PackageResolutionError, PackagesOfflineError, PackageDownloadError, PackageHashError, PackageUnpackError
 */
export async function buildImage(context: Context, name: string): Promise<ImageProduct> {
  return await stage(context, `image/${name}`, `guest image ${name}`, async (current) => {
    const declaration = await readDeclaration(join(context.paths.project, 'images'), name);
    const boot = declaration.boot === undefined ? undefined : await buildImage(context, declaration.boot);
    const build = new ImageBuild(context, declaration, boot);
    const product = await build.run(current);
    current.note(byteText(product.bytes));
    return product;
  });
}

class ImageBuild {
  readonly #context: Context;
  readonly #declaration: ImageDeclaration;
  readonly #boot: ImageProduct | undefined;
  readonly #roots: readonly string[];
  readonly #store: Store;

  constructor(context: Context, declaration: ImageDeclaration, boot: ImageProduct | undefined) {
    this.#context = context;
    this.#declaration = declaration;
    this.#boot = boot;
    this.#roots = Object.keys(declaration.packages);
    this.#store = new Store(context);
  }

  async run(current: Stage): Promise<ImageProduct> {
    const [files, programs] = await Promise.all([
      projectFiles(this.#context.paths.project, this.#declaration),
      this.#buildPrograms(),
    ]);
    const resolved = await resolvePackages(this.#context, this.#roots);
    const known = await this.#store.get(KIND, await this.#key(resolved, programs, files));
    if (known !== undefined) {
      current.unchanged();
      return this.#product(known);
    }
    const packages = await this.#fetchPackages(resolved);
    const names = packages.map((one) => one.package);
    const key = await this.#key(names, programs, files);
    return this.#product(await this.#assemble(key, { packages, programs, files }));
  }

  async #buildPrograms(): Promise<readonly BuiltPrograms[]> {
    const built = [];
    for (const name of Object.keys(this.#declaration.programs).sort()) {
      built.push(
        await stage(this.#context, this.#stageId(name), `guests/${name}`, (current) =>
          buildPrograms(this.#context, name, current),
        ),
      );
    }
    return built;
  }

  async #fetchPackages(resolved: readonly Package[]): Promise<Ingredients['packages']> {
    return await stage(this.#context, this.#stageId('packages'), 'Debian packages', async (current) =>
      fetchOrRenew(this.#context, this.#roots, resolved, current),
    );
  }

  async #assemble(key: string, ingredients: Ingredients): Promise<StoredProduct> {
    const { name, kind } = this.#declaration;
    return await stage(this.#context, this.#stageId('assemble'), `root file system (${kind})`, () =>
      this.#store.put({ kind: KIND, key, title: `${name} (${kind})` }, (folder) =>
        this.#write(folder, ingredients),
      ),
    );
  }

  async #write(folder: string, ingredients: Ingredients): Promise<ImageRecord> {
    const { kind, megabytes } = this.#declaration;
    const scratch = join(folder, 'scratch');
    await mkdir(scratch);
    const { tree, packages } = await assemble(this.#context, this.#declaration, ingredients, scratch);
    const path = join(folder, FILE_NAME[kind]);
    if (kind === 'initramfs') await writeInitramfs(this.#context, tree, path, megabytes);
    else await writeExt4(this.#context, tree, path, megabytes, scratch);
    await rm(scratch, { recursive: true });
    return {
      kind,
      sha256: await hashFile(path),
      bytes: (await stat(path)).size,
      packages: packages.map((one) => `${one.name} ${one.version}`),
    };
  }

  #product(stored: StoredProduct): ImageProduct {
    const record = stored.description as ImageRecord;
    const path = join(stored.folder, FILE_NAME[record.kind]);
    const { name } = this.#declaration;
    return { ...record, name, key: stored.key, path, initrd: this.#boot?.initrd ?? path };
  }

  async #key(
    packages: readonly Package[],
    programs: readonly BuiltPrograms[],
    files: readonly ProjectFile[],
  ): Promise<string> {
    const contents = files.map(async ({ source, path, mode }) => ({
      path,
      mode,
      sha256: await hashFile(source),
    }));
    const inputs = {
      recipe: RECIPE,
      declaration: this.#declaration,
      boot: this.#boot?.key,
      packages,
      programs: programs.map(({ name, key }) => ({ name, key })),
      files: await Promise.all(contents),
    };
    return hashText(JSON.stringify(inputs));
  }

  #stageId(part: string): string {
    return `image/${this.#declaration.name}/${part}`;
  }
}

const FILE_NAME: Readonly<Record<ImageProduct['kind'], string>> = {
  initramfs: 'initramfs.cpio.gz',
  ext4: 'root.ext4',
};
