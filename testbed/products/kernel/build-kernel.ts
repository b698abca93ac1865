// SPDX-License-Identifier: MIT
import { stage, type Stage } from '../../base/event/stage.js';
import type { Context } from '../../base/host/context.js';
import { Store } from '../store/store.js';
import {
  candidates,
  skipWhenOutOfReach,
  SourceOutOfReach,
  takeFirst,
  type Candidate,
  type LineChoice,
} from './source/choice.js';
import { kernelFiles } from './compile/compile.js';
import { keysOf, readInputs, type BuildInputs } from './compile/build-inputs.js';
import { loadLine, type Line } from './line/line.js';
import { findBuilt, LineBuild, type Built } from './compile/line-build.js';
import { treePlace } from './line/place.js';
import type { KernelProduct, Variant } from './line/kernel-product.js';
import { CORE } from './series/core.js';
import { treeEdits } from './series/source-tree.js';
import { withTreeLock } from './line/tree-lock.js';

export interface KernelRequest extends LineChoice {
  readonly variant: Variant;
  /** Makes sure that Debian packages are installed. Called with a line's own packages when that line is tried. */
  readonly provide?: (packages: readonly string[]) => Promise<void>;
}

/**
 * Returns a kernel of the first line of `request` whose source is available. It comes from the store when none of its
 * inputs has changed. Otherwise what is missing is fetched, patched, configured and compiled. A source tree that the
 * user has edited is built as it is, with a warning, and the provenance says so.
 * @throws UnknownLineError, LineInvalidError, SourceUnreachableError, SourceMissingError, SourceHashError,
 *   SourceTruncatedError, SourceNotFoundError, PatchRejectedError, TreeEditedError, ConfigSymbolError, CompileError,
 *   DiskFullError
 */
export async function buildKernel(context: Context, request: KernelRequest): Promise<KernelProduct> {
  return await takeFirst(candidates(request), (candidate) => buildLine(context, candidate, request));
}

async function buildLine(
  context: Context,
  candidate: Candidate,
  request: KernelRequest,
): Promise<KernelProduct> {
  const line = await loadLine(context.paths, candidate.line);
  await request.provide?.(line.debianPackages);
  const debug = request.variant === 'debug';
  const id = `kernel/${line.id}${debug ? '-debug' : ''}`;
  const title = `${line.title}${debug ? ' (debug)' : ''}`;
  const product = await stage(context, id, title, (current) =>
    skipWhenOutOfReach(candidate, current, async () => {
      const made = await findOrBuild(context, line, request.variant, candidate, current);
      current.note(`${made.release}, ${candidate.reason}`);
      return made;
    }),
  );
  if (product instanceof SourceOutOfReach) throw product.error;
  return product;
}

async function findOrBuild(
  context: Context,
  line: Line,
  variant: Variant,
  candidate: Candidate,
  current: Stage,
): Promise<KernelProduct> {
  const tree = treePlace(context.paths, line.id);
  if ((await treeEdits(context, tree)) === undefined) {
    const inputs = await readInputs(context, line, variant);
    const stored = await findBuilt(new Store(context), keysOf(inputs));
    if (stored !== undefined) {
      current.unchanged();
      return toProduct(inputs, stored, candidate.reason);
    }
  }
  const purpose = `building ${line.id} (${variant})`;
  return await withTreeLock(context, tree, { wait: 'queue', purpose }, async () => {
    // Read after the wait for the lock, since they may have changed meanwhile.
    const inputs = await readInputs(context, line, variant);
    const built = await new LineBuild(context, inputs, candidate, current).build();
    return toProduct(inputs, built, candidate.reason);
  });
}

function toProduct(inputs: BuildInputs, built: Built, choice: string): KernelProduct {
  const { line, variant, source, changes, toolchain } = inputs;
  const { release, configSha256 } = built.facts;
  const files = kernelFiles(built.kernel.folder);
  const patches = changes.series.map(({ name, sha256 }) => ({ name, sha256 }));
  if (changes.core.files.size > 0) patches.unshift({ name: CORE, sha256: changes.core.sha256 });
  if (built.edited !== undefined) {
    patches.push({
      name: `edits in the source tree (tree ${built.edited.tree})`,
      sha256: built.edited.sha256,
    });
  }
  return {
    line: line.id,
    variant,
    release,
    key: built.keys.product,
    bzImage: files.bzImage,
    vmlinux: files.vmlinux,
    modules: built.modules.folder,
    provenance: {
      line: line.id,
      variant,
      release,
      source: { origin: source.origin, sha256: source.sha256 },
      choice,
      patches,
      configSha256,
      compiler: toolchain.compiler,
    },
  };
}
