// SPDX-License-Identifier: MIT
import type { Context } from '../../../base/host/context.js';
import { wantedConfig } from './configure.js';
import { hashParts } from '../../store/file-hash.js';
import { fragmentText, type Fragment } from './fragment.js';
import type { Line } from '../line/line.js';
import { readModules, type ModuleSource } from './module-source.js';
import type { Variant } from '../line/kernel-product.js';
import { readChanges, type Changes } from '../series/series.js';
import { identifySource, type Source } from '../source/source.js';
import { readToolchain, type Toolchain } from './toolchain.js';

/** Everything that a kernel is made from, known before anything is fetched or built. */
export interface BuildInputs {
  readonly line: Line;
  readonly variant: Variant;
  readonly source: Source;
  readonly changes: Changes;
  readonly config: Fragment;
  readonly modules: readonly ModuleSource[];
  readonly toolchain: Toolchain;
}

/** Names of products in the store. */
export interface BuildKeys {
  /** Of kernel and in-tree modules. */
  readonly kernel: string;
  /** Of everything, with this project's own modules. */
  readonly product: string;
}

/** To be raised when this pipeline makes something else from the same inputs. */
const RECIPE = 2;

/** @throws LineInvalidError, SourceMissingError */
export async function readInputs(context: Context, line: Line, variant: Variant): Promise<BuildInputs> {
  const [source, changes, config, modules, toolchain] = await Promise.all([
    identifySource(context, line),
    readChanges(context.paths, line),
    wantedConfig(line, variant),
    readModules(context.paths),
    readToolchain(context),
  ]);
  return { line, variant, source, changes, config, modules, toolchain };
}

/** @param editedTree git's hash of the tree that is built instead of source, core and series */
export function keysOf(inputs: BuildInputs, editedTree?: string): BuildKeys {
  const { id, config, make, localVersion, image } = inputs.line;
  const kernel = hashParts({
    recipe: RECIPE,
    line: { id, config, make, localVersion, image },
    variant: inputs.variant,
    source: inputs.source.sha256,
    core: inputs.changes.core.sha256,
    patches: inputs.changes.series.map((patch) => patch.sha256),
    editedTree: editedTree ?? null,
    fragment: fragmentText(inputs.config),
    toolchain: inputs.toolchain,
  });
  const modules = inputs.modules.map(({ name, sha256 }) => [name, sha256]);
  return { kernel, product: hashParts({ kernel, modules }) };
}
