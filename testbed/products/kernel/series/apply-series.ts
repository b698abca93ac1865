// SPDX-License-Identifier: MIT
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finished } from '../../../base/process/process-runner.js';
import { PatchRejectedError, type RejectedHunk } from '../line/errors.js';
import type { Git } from '../line/git.js';
import { commitMessage, parseHunks, parsePatchHeader } from './patch.js';
import type { TreePlace } from '../line/place.js';
import type { Core } from './core.js';
import type { Changes, Patch } from './series.js';

const CORE_MESSAGE = `The core of ElasticOS

These files are kernel-patches/elasticos/core, the same for all lines.
`;

/** A core and a series as commits. */
export interface AppliedSeries {
  /** The commit with the source as its authors published it. */
  readonly pristine: string;
  /** The first commit on top of it; absent when there is no core. */
  readonly core?: { readonly sha256: string; readonly commit: string };
  readonly patches: readonly { readonly name: string; readonly sha256: string; readonly commit: string }[];
}

/** The commit with core and all patches. */
export function tipOf(series: AppliedSeries): string {
  return series.patches.at(-1)?.commit ?? baseOf(series);
}

/** The commit that the first patch stands on. */
function baseOf(series: AppliedSeries): string {
  return series.core?.commit ?? series.pristine;
}

/** Whether the applied core has exactly these files. */
export function isCore(applied: AppliedSeries, core: Core): boolean {
  return applied.core?.sha256 === (core.files.size === 0 ? undefined : core.sha256);
}

/** Whether the applied patches have exactly these texts. Their names do not matter. */
export function isSeries(applied: AppliedSeries, series: readonly Patch[]): boolean {
  const same = series.every((patch, at) => patch.sha256 === applied.patches[at]?.sha256);
  return same && applied.patches.length === series.length;
}

/**
 * Makes a commit of the core, on top of the pristine one, and then of each patch, without touching any file of the work
 * tree. Commits that `before` has in the same place are kept. The same core and series give the same commits.
 * @throws PatchRejectedError naming patch, file and hunk
 */
export async function applySeries(
  git: Git,
  place: Pick<TreePlace, 'scratch'>,
  pristine: string,
  { core, series }: Changes,
  before: AppliedSeries | undefined,
): Promise<AppliedSeries> {
  const index = { GIT_INDEX_FILE: join(place.scratch, 'series.index') };
  try {
    const same = before?.pristine === pristine && isCore(before, core);
    const base = same ? before : await applyCore(git, index, pristine, core);
    const patches = [...commonPrefix(base, series)];
    let parent = patches.at(-1)?.commit ?? baseOf(base);
    if (patches.length < series.length) await git.ask(['read-tree', parent], { env: index });
    for (const patch of series.slice(patches.length)) {
      parent = await commitPatch(git, index, parent, patch);
      patches.push({ name: patch.name, sha256: patch.sha256, commit: parent });
    }
    return { ...base, patches };
  } finally {
    await rm(index.GIT_INDEX_FILE, { force: true });
  }
}

async function applyCore(
  git: Git,
  index: Readonly<Record<string, string>>,
  pristine: string,
  core: Core,
): Promise<AppliedSeries> {
  if (core.files.size === 0) return { pristine, patches: [] };
  const entries: string[] = [];
  for (const [path, content] of core.files) {
    const blob = await git.ask(['hash-object', '-w', '--stdin'], { input: content });
    entries.push(`100644 ${blob}\t${path}\n`);
  }
  await git.ask(['read-tree', pristine], { env: index });
  await git.ask(['update-index', '--index-info'], { env: index, input: entries.join('') });
  const tree = await git.ask(['write-tree'], { env: index });
  const commit = await git.ask(['commit-tree', '-p', pristine, '-F', '-', tree], { input: CORE_MESSAGE });
  return { pristine, core: { sha256: core.sha256, commit }, patches: [] };
}

function commonPrefix(before: AppliedSeries, series: readonly Patch[]): AppliedSeries['patches'] {
  const end = before.patches.findIndex(
    (patch, at) => patch.name !== series[at]?.name || patch.sha256 !== series[at].sha256,
  );
  return end === -1 ? before.patches : before.patches.slice(0, end);
}

async function commitPatch(
  git: Git,
  index: Readonly<Record<string, string>>,
  parent: string,
  patch: Patch,
): Promise<string> {
  const tried = await git.run(['apply', '--cached', '--whitespace=nowarn', '-'], {
    env: index,
    input: patch.text,
  });
  if (tried.code !== 0) throw rejection(patch, tried);
  const header = parsePatchHeader(patch.name, patch.text);
  const tree = await git.ask(['write-tree'], { env: index });
  return await git.ask(['commit-tree', '-p', parent, '-F', '-', tree], {
    input: commitMessage(header),
    env: {
      GIT_AUTHOR_NAME: header.author.name,
      GIT_AUTHOR_EMAIL: header.author.email,
      GIT_AUTHOR_DATE: header.date,
    },
  });
}

function rejection(patch: Patch, tried: Finished): PatchRejectedError {
  const said = tried.stderr.split('\n').filter((line) => line !== '');
  return new PatchRejectedError(patch.name, rejectedHunks(patch.text, said), said);
}

/**
 * Reads the output of `git apply` for a patch that does not apply: `error: patch failed: FILE:LINE` for the first hunk
 * of each file that does not fit, where LINE is the hunk's first line in the old file, otherwise `error: FILE: REASON`.
 */
export function rejectedHunks(text: string, said: readonly string[]): readonly RejectedHunk[] {
  const hunks = parseHunks(text);
  const rejected: RejectedHunk[] = [];
  for (const line of said) {
    const failed = /^error: patch failed: (.+):(\d+)$/.exec(line);
    const other = /^error: (.+?): (.+)$/.exec(line);
    if (failed?.[1] !== undefined) {
      const [, file, start] = failed;
      const hunk = hunks.find((one) => one.file === file && one.oldStart === Number(start));
      rejected.push({
        file,
        reason: `it does not fit at line ${start ?? '?'}`,
        ...(hunk === undefined ? {} : { number: hunk.number, header: hunk.header }),
      });
    } else if (other?.[1] !== undefined && !rejected.some((one) => one.file === other[1])) {
      rejected.push({ file: other[1], reason: other[2] ?? '' });
    }
  }
  return rejected;
}
