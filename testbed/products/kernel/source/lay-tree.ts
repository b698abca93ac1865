// SPDX-License-Identifier: MIT
import type { Stage } from '../../../base/event/stage.js';
import type { Context } from '../../../base/host/context.js';
import { applySeries, isCore, isSeries, tipOf } from '../series/apply-series.js';
import { TreeEditedError } from '../line/errors.js';
import { hashText } from '../../store/file-hash.js';
import type { Git } from '../line/git.js';
import type { TreePlace } from '../line/place.js';
import type { Pristine } from './pristine.js';
import type { Changes } from '../series/series.js';
import { appliedSeries, editLines, settleTree, workTreeHash, type TreeEdits } from '../series/source-tree.js';

/** A source tree that the user has edited, so that it differs from source, core and series. */
export interface EditedTree {
  /** git's hash of its files. */
  readonly tree: string;
  /** sha256 (hex) of the difference to the series. */
  readonly sha256: string;
}

/** What is to be laid into a source tree, and the edits that are there. */
export interface Laying {
  readonly git: Git;
  readonly place: TreePlace;
  readonly pristine: Pristine;
  readonly changes: Changes;
  readonly edits: TreeEdits | undefined;
  readonly stage: Stage;
}

/**
 * Brings a source tree to a source with core and series on top. The user's edits stay and are built, as long as they
 * are based on this source, core and series.
 * @returns the edited tree, when the user has edited it
 * @throws TreeEditedError when source, core or series have changed under the edits
 * @throws PatchRejectedError
 */
export async function layTree(
  context: Pick<Context, 'events' | 'clock'>,
  laying: Laying,
): Promise<EditedTree | undefined> {
  const { git, place, pristine, changes, edits, stage } = laying;
  const before = await appliedSeries(place);
  if (edits === undefined) {
    const applied = await applySeries(git, place, pristine.commit, changes, before);
    if (before !== undefined && tipOf(before) === tipOf(applied)) stage.unchanged();
    else stage.note(`${changes.series.length} patches`);
    await settleTree(git, place, applied);
    return undefined;
  }
  const lines = editLines(edits);
  if (before?.pristine !== pristine.commit)
    throw new TreeEditedError(place.line, 'its source has changed', lines);
  if (!isCore(before, changes.core))
    throw new TreeEditedError(place.line, 'kernel-patches/elasticos/core has changed', lines);
  if (!isSeries(before, changes.series))
    throw new TreeEditedError(place.line, 'its series has changed', lines);
  context.events({
    type: 'notice',
    at: context.clock.now(),
    level: 'warning',
    text: `${place.source} has edits that are not in the series; they are built, and the provenance says so: ${lines.join(', ')}`,
  });
  stage.note('edited by hand');
  const tree = await workTreeHash(git, place);
  const difference = await git.ask(['diff', '--binary', '--no-renames', '--full-index', tipOf(before), tree]);
  return { tree, sha256: hashText(difference) };
}
