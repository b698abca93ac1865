// SPDX-License-Identifier: MIT
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../../../base/host/make-folder.js';
import type { Context } from '../../../base/host/context.js';
import { applySeries, isCore, isSeries, tipOf, type AppliedSeries } from './apply-series.js';
import { besideCore, coreInCommit, writeCore } from './core.js';
import { SeriesExportError } from '../line/errors.js';
import { hashText } from '../../store/file-hash.js';
import type { Git } from '../line/git.js';
import { loadLine, type Line } from '../line/line.js';
import { parsePatchHeader } from './patch.js';
import { treePlace, type TreePlace } from '../line/place.js';
import type { LineId } from '../line/kernel-product.js';
import { patchFile, readChanges, rewriteSeries, seriesFile, type Changes, type Patch } from './series.js';
import {
  appliedSeries,
  discardEdits,
  openSourceTree,
  settleTree,
  treeEdits,
  type TreeEdits,
} from './source-tree.js';
import { withTreeLock } from '../line/tree-lock.js';

/** What an export changed in kernel-patches/, by patch name. */
export interface SeriesExport {
  /** Files of elasticos/core/ that were written or taken away. */
  readonly core: readonly string[];
  readonly written: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: readonly string[];
}

/** With these options a commit gives the same text with any git and any settings: no version, no hash. */
const FORMAT_OPTIONS = [
  '--stdout',
  '--no-signature',
  '--no-numbered',
  '--zero-commit',
  '--no-encode-email-headers',
  '--no-renames',
  '--unified=3',
  '--stat=72',
  '--abbrev=12',
] as const;

/**
 * Writes what was committed in a line's source tree back to where it came from. The core's files go to elasticos/core/
 * as they are now. The rest of each commit becomes a patch of the series. A commit that keeps its subject keeps the file
 * name of its patch, and a commit that is unchanged keeps the text of its patch to the byte. A commit that changes only
 * the core makes no patch. Afterwards the tree has the same files, and the commits of a tree that is laid out again.
 * @throws SeriesExportError when there is no tree, something is not committed, history is not a straight line, the
 *   patches would not make the same tree, or kernel-patches/ has changed since the tree was made, since that change
 *   would be lost
 */
export async function exportSeries(context: Context, id: LineId): Promise<SeriesExport> {
  const line = await loadLine(context.paths, id);
  return await withTree(context, line, async ({ git, place, applied }) => {
    const edits = await treeEdits(context, place);
    if ((edits?.uncommitted.length ?? 0) > 0) {
      const nextStep =
        `Commit it there, with a message that says what and why ` +
        `(a new file may need \`git add --force\`): git -C ${place.source} commit`;
      throw new SeriesExportError(id, 'something in it is not committed', nextStep);
    }
    const before = await readChanges(context.paths, line);
    if (!isCore(applied, before.core) || !isSeries(applied, before.series)) {
      const nextStep = `Undo that change first, or drop the edits of the tree with \`npx testbed series discard ${id}\`.`;
      throw new SeriesExportError(id, 'kernel-patches/ has changed since it was laid out', nextStep);
    }
    const commits = await commitsOf(git, line, applied.pristine);
    const files = await readdir(dirname(patchFile(line, 'any'))).catch(() => []);
    const after = {
      core: await coreInCommit(git, before.core, 'HEAD'),
      series: await toPatches(git, commits, { before, applied, files }),
    };
    const exported = await applySeries(git, place, applied.pristine, after, applied);
    if ((await treeOf(git, tipOf(exported))) !== (await treeOf(git, 'HEAD'))) {
      const nextStep = 'Look for a change that a patch cannot express, such as one to a binary file.';
      throw new SeriesExportError(id, 'its patches would not make the same tree', nextStep);
    }
    const core = await writeCore(context.paths, before.core, after.core);
    await writeSeries(line, before.series, after.series);
    await settleTree(git, place, exported);
    return { core, ...compare(before.series, after.series) };
  });
}

/**
 * Takes a line's source tree back to the series that was last laid into it. Afterwards git's stash has what was not
 * committed, and its reflog has the commits.
 * @returns what was discarded; undefined when there was nothing
 */
export async function discardSeriesEdits(context: Context, id: LineId): Promise<TreeEdits | undefined> {
  const line = await loadLine(context.paths, id);
  return await withTree(context, line, async ({ git, place, applied }) => {
    const edits = await treeEdits(context, place);
    if (edits !== undefined) await discardEdits(git, applied);
    return edits;
  });
}

interface LaidTree {
  readonly git: Git;
  readonly place: TreePlace;
  readonly applied: AppliedSeries;
}

async function withTree<T>(context: Context, line: Line, work: (tree: LaidTree) => Promise<T>): Promise<T> {
  const place = treePlace(context.paths, line.id);
  const purpose = `working on the series of ${line.id}`;
  return await withTreeLock(context, place, { wait: 'refuse', purpose }, async () => {
    const applied = await appliedSeries(place);
    if (applied === undefined) {
      throw new SeriesExportError(line.id, 'it is not there yet', `npx testbed build --kernel ${line.id}`);
    }
    return await work({ git: await openSourceTree(context, place), place, applied });
  });
}

/** Commits on top of the pristine source, oldest first. */
async function commitsOf(git: Git, line: Line, pristine: string): Promise<readonly string[]> {
  const straighten = `Make it a straight line: git rebase ${pristine.slice(0, 12)}`;
  if ((await git.run(['merge-base', '--is-ancestor', pristine, 'HEAD'])).code !== 0) {
    throw new SeriesExportError(line.id, 'its history does not begin with the pristine source', straighten);
  }
  const merges = await git.ask(['rev-list', '--merges', `${pristine}..HEAD`]);
  if (merges !== '') throw new SeriesExportError(line.id, 'its history has merges', straighten);
  const list = await git.ask(['rev-list', '--reverse', `${pristine}..HEAD`]);
  return list.split('\n').filter((commit) => commit !== '');
}

async function treeOf(git: Git, commit: string): Promise<string> {
  return await git.ask(['rev-parse', `${commit}^{tree}`]);
}

/** What an export starts from. */
interface SeriesBefore {
  readonly before: Changes;
  readonly applied: AppliedSeries;
  /** All files in patches/, also those that the series does not name. */
  readonly files: readonly string[];
}

async function toPatches(
  git: Git,
  commits: readonly string[],
  { before, applied, files }: SeriesBefore,
): Promise<readonly Patch[]> {
  const patches: Patch[] = [];
  const beside = besideCore(before.core);
  for (const commit of commits) {
    if (!(await changesFiles(git, commit, beside))) continue;
    const subject = await git.ask(['log', '-1', '--format=%s', commit]);
    const taken = new Set(patches.map((patch) => patch.name));
    const old = before.series.find((patch) => !taken.has(patch.name) && subjectOf(patch) === subject);
    const oldCommit = applied.patches.find((patch) => patch.sha256 === old?.sha256)?.commit;
    if (old !== undefined && oldCommit !== undefined && (await sameChange(git, oldCommit, commit, beside))) {
      patches.push(old);
      continue;
    }
    const text = `${await git.ask(['format-patch', '-1', ...FORMAT_OPTIONS, commit, '--', ...beside])}\n`;
    patches.push({
      name: old?.name ?? freshName(patches.length + 1, subject, new Set([...taken, ...files])),
      text,
      sha256: hashText(text),
    });
  }
  return patches;
}

function subjectOf(patch: Patch): string {
  return parsePatchHeader(patch.name, patch.text).subject;
}

async function changesFiles(git: Git, commit: string, paths: readonly string[]): Promise<boolean> {
  return (await git.ask(['diff-tree', '-r', '--no-commit-id', '--name-only', commit, '--', ...paths])) !== '';
}

/** Whether two commits have the same message and make the same change to some files. Their parents may differ. */
async function sameChange(git: Git, one: string, other: string, paths: readonly string[]): Promise<boolean> {
  if (one === other) return true;
  const [first, second] = await Promise.all([one, other].map((commit) => changeOf(git, commit, paths)));
  return first === second;
}

async function changeOf(git: Git, commit: string, paths: readonly string[]): Promise<string> {
  const said = await git.ask(['log', '-1', '--format=%an <%ae>%n%B', commit]);
  const options = ['--patch', '--no-renames', '--full-index'];
  const diff = await git.ask(['diff-tree', ...options, commit, '--', ...paths]);
  const id = await git.ask(['patch-id', '--stable'], { input: diff });
  return `${said}\n${id.split(' ', 1)[0] ?? ''}`;
}

/** `0008-nbd-time-out-lost-requests.patch`, as format-patch would call it. */
function freshName(number: number, subject: string, taken: ReadonlySet<string>): string {
  const slug = subject
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 52)
    .replace(/-$/, '');
  const name = `${String(number).padStart(4, '0')}-${slug}.patch`;
  return taken.has(name) ? freshName(number + 1, subject, taken) : name;
}

async function writeSeries(line: Line, before: readonly Patch[], after: readonly Patch[]): Promise<void> {
  const kept = new Set(after.map((patch) => patch.name));
  for (const patch of after) {
    if (before.some((old) => old.name === patch.name && old.sha256 === patch.sha256)) continue;
    await replaceFile(patchFile(line, patch.name), patch.text);
  }
  const series = await readFile(seriesFile(line), 'utf8');
  await replaceFile(seriesFile(line), rewriteSeries(series, [...kept]));
  for (const patch of before)
    if (!kept.has(patch.name)) await rm(patchFile(line, patch.name), { force: true });
}

async function replaceFile(path: string, text: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return;
  await makeFolder(dirname(path));
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

function compare(before: readonly Patch[], after: readonly Patch[]): Omit<SeriesExport, 'core'> {
  const old = new Map(before.map((patch) => [patch.name, patch.sha256]));
  const names = (which: (patch: Patch) => boolean): readonly string[] =>
    after.filter(which).map((patch) => patch.name);
  return {
    written: names((patch) => old.get(patch.name) !== patch.sha256),
    unchanged: names((patch) => old.get(patch.name) === patch.sha256),
    removed: [...old.keys()].filter((name) => !after.some((patch) => patch.name === name)),
  };
}
