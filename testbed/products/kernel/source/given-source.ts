// SPDX-License-Identifier: MIT
import { rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeFolder } from '../../../base/host/make-folder.js';
import { stage, type Stage } from '../../../base/event/stage.js';
import type { Context } from '../../../base/host/context.js';
import type { Paths } from '../../../base/host/paths.js';
import { ProgramFailedError } from '../../../base/process/errors.js';
import { requireSpace } from '../../store/disk-space.js';
import { GivenSourceError } from '../line/errors.js';
import { hashFile } from '../../store/file-hash.js';
import { gitIn, type Git } from '../line/git.js';
import { loadLine, type Line } from '../line/line.js';
import { treePlace, type TreePlace } from '../line/place.js';
import { findPristine, importFolder, importTarball, type Pristine } from './pristine.js';
import type { LineId } from '../line/kernel-product.js';
import { openSourceTree } from '../series/source-tree.js';
import { changeState, readState } from '../../../base/host/state-file.js';
import { leftoverMark } from '../line/leftover-processes.js';
import { withTreeLock } from '../line/tree-lock.js';

/**
 * A source that the user gave with `--kernel-source`. Its files are copied into the cache when it is given. Later
 * changes of the original are not seen until it is given again.
 */
export interface GivenSource {
  readonly line: LineId;
  readonly kind: 'tarball' | 'directory' | 'git';
  /** Absolute. */
  readonly path: string;
  /** For git: the ref that was given, and its commit. */
  readonly ref?: string;
  readonly refCommit?: string;
  readonly tree: string;
  readonly sha256: string;
  /** ISO 8601. */
  readonly since: string;
}

/** Free space for the copy of a source: its files packed and unpacked, and twice unpacked for a tarball. */
const IMPORT_BYTES = 4 * 2 ** 30;

/** @throws GivenSourceError when `text` is not of the form LINE=PATH */
export function parseGivenSource(text: string): { readonly line: LineId; readonly path: string } {
  const match = /^([^=]+)=(.+)$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined)
    throw new GivenSourceError(`${text} is not of the form LINE=PATH`);
  return { line: match[1], path: match[2] };
}

/**
 * From now on, takes the source of a line from `where`: a tarball, a directory, or `REPOSITORY#REF`. With `default` it
 * comes from the place in the line's own definition again.
 * @throws UnknownLineError, GivenSourceError, DiskFullError
 */
export async function giveSource(
  context: Context,
  id: LineId,
  where: string,
): Promise<GivenSource | undefined> {
  const line = await loadLine(context.paths, id);
  if (where === 'default') {
    await changeState(givenSourcesFile(context.paths), id, undefined);
    return undefined;
  }
  return await stage(context, `kernel/${id}/given`, `Source of ${id} from ${where}`, async (current) => {
    const place = treePlace(context.paths, id);
    const purpose = `taking over a source for ${id}`;
    return await withTreeLock(context, place, { wait: 'queue', purpose }, async () => {
      await requireSpace(place.root, IMPORT_BYTES, `the source of ${id}`);
      const git = await openSourceTree(context, place);
      const given = await importGivenSource(context, { git, place, line, stage: current }, where);
      await changeState(givenSourcesFile(context.paths), id, given);
      current.note(`${given.kind}, tree ${given.tree.slice(0, 12)}`);
      return given;
    });
  });
}

/** The source that was given for a line; undefined when none was. */
export async function givenSource(paths: Pick<Paths, 'state'>, id: LineId): Promise<GivenSource | undefined> {
  return (await readState<GivenSource>(givenSourcesFile(paths)))[id];
}

/** Where a source's files are copied from and to. The caller holds the tree's lock. */
export interface Import {
  readonly git: Git;
  readonly place: TreePlace;
  readonly line: Line;
  readonly stage: Stage;
}

/** Copies a source into the cache. @throws GivenSourceError when there is no kernel source at `where` */
export async function importGivenSource(context: Context, into: Import, where: string): Promise<GivenSource> {
  const since = context.clock.date().toISOString();
  const path = resolve(where);
  const kind = await kindOf(path);
  if (kind === 'file') {
    const pristine = await tarball(context, into, path);
    return { line: into.line.id, kind: 'tarball', path, since, ...facts(pristine) };
  }
  if (kind === 'directory') {
    const pristine = await directory(context, into, path);
    return { line: into.line.id, kind: 'directory', path, since, ...facts(pristine) };
  }
  const [, repository, ref] = /^(.*)#([^#]+)$/.exec(where) ?? [];
  if (repository === undefined || ref === undefined) throw new GivenSourceError(`${path} does not exist`);
  const { pristine, refCommit } = await gitRef(context, into, resolve(repository), ref);
  const base = { line: into.line.id, kind: 'git', path: resolve(repository), since } as const;
  return { ...base, ref, refCommit, ...facts(pristine) };
}

function facts(pristine: Pristine): { tree: string; sha256: string } {
  return { tree: pristine.tree, sha256: pristine.sha256 };
}

async function tarball(context: Context, into: Import, file: string): Promise<Pristine> {
  const sha256 = await hashFile(file);
  const { git, place, line } = into;
  const there = await findPristine(git, sha256);
  return (
    there ??
    (await importTarball(context, git, place, { file, sha256, strip: line.source.strip }, into.stage))
  );
}

/** Imports a directory. Of a git work tree, only files that git does not ignore are taken, so objects stay out. */
async function directory(context: Context, into: Import, folder: string): Promise<Pristine> {
  const workTree = await exists(join(folder, '.git'));
  if (!workTree) await requireUnbuilt(folder);
  const paths = workTree ? await filesOfWorkTree(gitIn(context, folder)) : undefined;
  return await importFolder(into.git, into.place, folder, paths, into.stage);
}

async function filesOfWorkTree(theirs: Git): Promise<string> {
  const list = async (...which: string[]): Promise<string[]> =>
    (await theirs.ask(['ls-files', '-z', '--deduplicate', ...which]))
      .split('\0')
      .filter((path) => path !== '');
  const deleted = new Set(await list('--deleted'));
  const present = await list('--cached', '--others', '--exclude-standard');
  return present.filter((path) => !deleted.has(path)).join('\0');
}

async function requireUnbuilt(folder: string): Promise<void> {
  for (const trace of ['.config', 'vmlinux', 'include/config', 'include/generated']) {
    if (!(await exists(join(folder, trace)))) continue;
    throw new GivenSourceError(`${folder} has been built in: it holds ${trace}`, {
      nextStep: `make -C ${folder} mrproper, or give a clean copy.`,
    });
  }
}

async function gitRef(
  context: Context,
  into: Import,
  repository: string,
  ref: string,
): Promise<{ pristine: Pristine; refCommit: string }> {
  const theirs = gitIn(context, repository, leftoverMark(into.place));
  const folder = join(into.place.scratch, 'unpacked');
  const env = { GIT_INDEX_FILE: join(into.place.scratch, 'checkout.index'), GIT_WORK_TREE: folder };
  await rm(folder, { recursive: true, force: true });
  await makeFolder(folder);
  try {
    const refCommit = await theirs.ask(['rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`]);
    into.stage.progress({ note: 'checking out' });
    await theirs.ask(['read-tree', refCommit], { env });
    await theirs.ask(['checkout-index', '--all'], { env });
    return { pristine: await importFolder(into.git, into.place, folder, undefined, into.stage), refCommit };
  } catch (thrown) {
    if (!(thrown instanceof ProgramFailedError)) throw thrown;
    throw new GivenSourceError(`${repository} has no ${ref} that git can give`, {
      excerpt: thrown.excerpt,
      cause: thrown,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(env.GIT_INDEX_FILE, { force: true });
  }
}

async function kindOf(path: string): Promise<'file' | 'directory' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'directory' : 'file';
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return (await kindOf(path)) !== undefined;
}

/** Where what was given is remembered. */
export function givenSourcesFile(paths: Pick<Paths, 'state'>): string {
  return join(paths.state, 'kernel-sources.json');
}
