// SPDX-License-Identifier: MIT
import { stage, type Stage } from '../../../base/event/stage.js';
import type { Context } from '../../../base/host/context.js';
import { requireSpace } from '../../store/disk-space.js';
import { Store, type StoredProduct } from '../../store/store.js';
import { skipWhenOutOfReach, SourceOutOfReach, type Candidate } from '../source/choice.js';
import { collectKernel, collectModules, compileKernel, kernelFiles } from './compile.js';
import { configure } from './configure.js';
import { hashFile } from '../../store/file-hash.js';
import type { Git } from '../line/git.js';
import { keysOf, type BuildInputs, type BuildKeys } from './build-inputs.js';
import { layTree, type EditedTree } from '../source/lay-tree.js';
import type { Workshop } from './make.js';
import { readObjectRecord, workingOnObjects } from './object-record.js';
import { objectPlace, treePlace } from '../line/place.js';
import { obtainSource } from '../source/source.js';
import { openSourceTree, treeEdits } from '../series/source-tree.js';

/** Kinds of product in the store. */
const KERNEL = 'kernel';
const MODULES = 'kernel-modules';

/** Free space for a source tree, its repository and an object tree (6.1 debug), and for what changes in them later. */
const FIRST_BUILD_BYTES = 6 * 2 ** 30;
const NEXT_BUILD_BYTES = 2 ** 30;

/** What the store knows about a kernel. */
export interface KernelFacts {
  readonly release: string;
  readonly configSha256: string;
}

/** A kernel's parts in the store. */
export interface Built {
  readonly keys: BuildKeys;
  readonly kernel: StoredProduct;
  readonly modules: StoredProduct;
  readonly facts: KernelFacts;
  readonly edited?: EditedTree;
}

/** @returns undefined when a part of it is missing */
export async function findBuilt(
  store: Store,
  keys: BuildKeys,
  edited?: EditedTree,
): Promise<Built | undefined> {
  const [kernel, modules] = await Promise.all([
    store.get(KERNEL, keys.kernel),
    store.get(MODULES, keys.product),
  ]);
  if (kernel === undefined || modules === undefined) return undefined;
  const facts = kernel.description as KernelFacts;
  return { keys, kernel, modules, facts, ...(edited === undefined ? {} : { edited }) };
}

/** One build of one line, under its tree's lock. */
export class LineBuild {
  readonly #workshop: Workshop;
  readonly #store: Store;

  constructor(
    readonly context: Context,
    readonly inputs: BuildInputs,
    readonly candidate: Candidate,
    /** The stage that its own stages are below. */
    readonly whole: Stage,
  ) {
    const tree = treePlace(context.paths, inputs.line.id);
    this.#workshop = {
      line: inputs.line,
      tree,
      objects: objectPlace(tree, inputs.variant),
      variant: inputs.variant,
    };
    this.#store = new Store(context);
  }

  async build(): Promise<Built> {
    const { context, inputs } = this;
    const { tree, objects } = this.#workshop;
    const first = (await readObjectRecord(objects)) === undefined;
    await requireSpace(tree.root, first ? FIRST_BUILD_BYTES : NEXT_BUILD_BYTES, `building ${inputs.line.id}`);
    const git = await openSourceTree(context, tree);
    const edited = await this.#lay(git);
    const keys = keysOf(inputs, edited?.tree);
    // Another process may have built the same kernel while this one waited for the lock, and the hash of an edited tree
    // is known only now.
    const stored = await findBuilt(this.#store, keys, edited);
    if (stored !== undefined) {
      this.whole.unchanged();
      return stored;
    }
    const kernel = await this.#kernel(keys);
    const modules = await this.#modules(keys, kernel);
    const facts = kernel.description as KernelFacts;
    return { keys, kernel, modules, facts, ...(edited === undefined ? {} : { edited }) };
  }

  /** Fetches the source and lays it, with its patches, into the tree. */
  async #lay(git: Git): Promise<EditedTree | undefined> {
    const { context, inputs, candidate } = this;
    const { tree: place, line } = this.#workshop;
    // When no other line may be taken, a host that was unreachable before is tried again.
    const options = { insist: candidate.last };
    const pristine = await this.#stage('source', 'Source', (current) =>
      skipWhenOutOfReach(candidate, current, () =>
        obtainSource(context, { git, place, line, stage: current }, inputs.source, options),
      ),
    );
    if (pristine instanceof SourceOutOfReach) throw pristine.error;
    return await this.#stage('patches', 'Patches', async (current) => {
      const edits = await treeEdits(context, place);
      return await layTree(context, { git, place, pristine, changes: inputs.changes, edits, stage: current });
    });
  }

  async #kernel(keys: BuildKeys): Promise<StoredProduct> {
    const { context, inputs } = this;
    const { objects } = this.#workshop;
    const stored = await this.#store.get(KERNEL, keys.kernel);
    // Modules are compiled against the object tree, so it has to hold this kernel.
    if (stored !== undefined && (await readObjectRecord(objects))?.kernel === keys.kernel) return stored;
    const goal = { toolchain: inputs.toolchain, kernel: keys.kernel };
    return await workingOnObjects(objects, goal, async () => {
      await this.#stage('config', 'Configuration', (current) =>
        configure(context, this.#workshop, inputs.config, current),
      );
      return await this.#stage('compile', 'Compilation', (current) => this.#compile(keys, current));
    });
  }

  async #compile(keys: BuildKeys, stage: Stage): Promise<StoredProduct> {
    const { context, inputs } = this;
    await compileKernel(context, this.#workshop, stage);
    const recipe = { kind: KERNEL, key: keys.kernel, title: `${inputs.line.id}, ${inputs.variant}` };
    return await this.#store.put(recipe, async (folder): Promise<KernelFacts> => {
      const release = await collectKernel(context, this.#workshop, folder, stage);
      return { release, configSha256: await hashFile(kernelFiles(folder).config) };
    });
  }

  async #modules(keys: BuildKeys, kernel: StoredProduct): Promise<StoredProduct> {
    const { context, inputs } = this;
    const goal = { toolchain: inputs.toolchain, kernel: keys.kernel };
    const title = `modules of ${inputs.line.id}, ${inputs.variant}`;
    return await this.#stage('modules', 'Modules', (current) =>
      workingOnObjects(this.#workshop.objects, goal, () =>
        this.#store.put({ kind: MODULES, key: keys.product, title }, async (folder) => {
          await collectModules(context, this.#workshop, kernel, inputs.modules, folder, current);
          return { kernel: keys.kernel };
        }),
      ),
    );
  }

  #stage<T>(name: string, title: string, body: (stage: Stage) => Promise<T>): Promise<T> {
    return stage(this.context, `${this.whole.id}/${name}`, title, body);
  }
}
