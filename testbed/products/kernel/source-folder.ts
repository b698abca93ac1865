// SPDX-License-Identifier: MIT
import { stage } from '../../base/event/stage.js';
import type { Context } from '../../base/host/context.js';
import { requireSpace } from '../store/disk-space.js';
import { layTree } from './source/lay-tree.js';
import { loadLine } from './line/line.js';
import { treePlace } from './line/place.js';
import type { LineId } from './line/kernel-product.js';
import { readChanges } from './series/series.js';
import { identifySource, obtainSource } from './source/source.js';
import { openSourceTree, treeEdits } from './series/source-tree.js';
import { withTreeLock } from './line/tree-lock.js';

/** Free space for a source tree and its repository. */
const SOURCE_BYTES = 4 * 2 ** 30;

/**
 * Returns the folder of a line's patched source, after bringing it to what kernel-patches/ says. (A build that finds its
 * product in the store does not change the tree.) A tree with edits is left alone.
 * @throws as buildKernel does for source and patches
 */
export async function sourceFolder(context: Context, id: LineId): Promise<string> {
  const line = await loadLine(context.paths, id);
  const place = treePlace(context.paths, id);
  const purpose = `laying out the source of ${id}`;
  await withTreeLock(context, place, { wait: 'queue', purpose }, async () => {
    const edits = await treeEdits(context, place);
    if (edits !== undefined) return;
    await requireSpace(place.root, SOURCE_BYTES, `the source of ${id}`);
    const git = await openSourceTree(context, place);
    await stage(context, `kernel/${id}/tree`, `Source tree of ${id}`, async (current) => {
      const source = await identifySource(context, line);
      const pristine = await obtainSource(context, { git, place, line, stage: current }, source, {
        insist: true,
      });
      const changes = await readChanges(context.paths, line);
      await layTree(context, { git, place, pristine, changes, edits, stage: current });
    });
  });
  return place.source;
}
