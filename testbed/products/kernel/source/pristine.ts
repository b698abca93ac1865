// SPDX-License-Identifier: MIT
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../../base/host/make-folder.js';
import type { Stage } from '../../../base/event/stage.js';
import type { Context } from '../../../base/host/context.js';
import { ProgramFailedError } from '../../../base/process/errors.js';
import { reportFullDisk } from '../../store/disk-space.js';
import { GivenSourceError } from '../line/errors.js';
import { hashText } from '../../store/file-hash.js';
import type { Git } from '../line/git.js';
import type { TreePlace } from '../line/place.js';
import { leftoverMark } from '../line/leftover-processes.js';

/** The source as its authors published it, in the repository of a line's source tree. */
export interface Pristine {
  readonly commit: string;
  /** git's hash of its tree. Equal files have equal hashes, wherever they came from. */
  readonly tree: string;
  /** Of the tarball; for a folder, of its listing (mode, git hash and path of each file). */
  readonly sha256: string;
}

/** The source with this hash, when it is already in the repository. */
export async function findPristine(git: Git, sha256: string): Promise<Pristine | undefined> {
  const found = await git.run(['rev-parse', '--verify', '--quiet', refOf(sha256)]);
  if (found.code !== 0) return undefined;
  const commit = found.stdout.trim();
  return { commit, tree: await git.ask(['rev-parse', `${commit}^{tree}`]), sha256 };
}

/** Unpacks a tarball of a known hash into the repository. @throws GivenSourceError when it cannot be unpacked */
export async function importTarball(
  context: Context,
  git: Git,
  place: TreePlace,
  tarball: { readonly file: string; readonly strip: number; readonly sha256: string },
  stage: Stage,
): Promise<Pristine> {
  const folder = join(place.scratch, 'unpacked');
  await rm(folder, { recursive: true, force: true });
  await makeFolder(folder);
  try {
    stage.progress({ note: 'unpacking' });
    await unpack(context, place, tarball, folder);
    await requireKernel(folder, tarball.file);
    const tree = await addFolder(git, place, folder, '.', stage);
    return await keep(git, tree, tarball.sha256);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Copies a folder's files into the repository.
 * @param paths the files to copy, each ended by a NUL; all when undefined
 */
export async function importFolder(
  git: Git,
  place: TreePlace,
  folder: string,
  paths: string | undefined,
  stage: Stage,
): Promise<Pristine> {
  await requireKernel(folder, folder);
  const tree = await addFolder(git, place, folder, paths ?? '.', stage);
  return await keep(git, tree, hashText(await git.ask(['ls-tree', '-r', '-z', tree])));
}

async function unpack(
  context: Context,
  place: TreePlace,
  tarball: { readonly file: string; readonly strip: number },
  folder: string,
): Promise<void> {
  const argv = ['tar', '--extract', '--file', tarball.file, '--directory', folder] as const;
  const options = ['--no-same-owner', `--strip-components=${tarball.strip}`];
  const env = { LC_ALL: 'C', ...leftoverMark(place) };
  try {
    await reportFullDisk(folder, `unpacking ${tarball.file}`, () =>
      context.processes.succeed([...argv, ...options], { signal: context.signal, env }),
    );
  } catch (thrown) {
    if (!(thrown instanceof ProgramFailedError)) throw thrown;
    throw new GivenSourceError(`${tarball.file} cannot be unpacked`, {
      excerpt: thrown.excerpt,
      cause: thrown,
    });
  }
}

/**
 * Adds files to the repository without its work tree. With a threshold of one byte, git writes them into one pack and
 * not as 80,000 loose objects. This takes 21 s for 6.1.
 * @returns the hash of the tree
 */
async function addFolder(
  git: Git,
  place: TreePlace,
  folder: string,
  paths: string,
  stage: Stage,
): Promise<string> {
  const env = {
    GIT_DIR: join(place.source, '.git'),
    GIT_WORK_TREE: folder,
    GIT_INDEX_FILE: join(place.scratch, 'import.index'),
    GIT_LITERAL_PATHSPECS: '1',
  };
  const options = ['--pathspec-from-file=-', '--pathspec-file-nul'];
  let done = 0;
  const onLine = (): void => {
    done += 1;
    if (done % 500 === 0) stage.progress({ done, unit: 'files', note: 'reading into git' });
  };
  try {
    await rm(env.GIT_INDEX_FILE, { force: true });
    const pack = ['-c', 'core.bigFileThreshold=1', '-c', 'core.compression=1'];
    await reportFullDisk(place.root, `importing ${folder}`, () =>
      git.ask([...pack, 'add', '--all', '--force', '--verbose', ...options], {
        cwd: folder,
        env,
        input: paths,
        onLine,
      }),
    );
    return await git.ask(['write-tree'], { env });
  } finally {
    await rm(env.GIT_INDEX_FILE, { force: true });
  }
}

async function keep(git: Git, tree: string, sha256: string): Promise<Pristine> {
  const message = `Pristine source\n\nsha256: ${sha256}\n`;
  const commit = await git.ask(['commit-tree', '-F', '-', tree], { input: message });
  await git.ask(['update-ref', refOf(sha256), commit]);
  return { commit, tree, sha256 };
}

function refOf(sha256: string): string {
  return `refs/pristine/${sha256}`;
}

/** A kernel's Makefile begins with its version. */
async function requireKernel(folder: string, named: string): Promise<void> {
  const makefile = await readFile(join(folder, 'Makefile'), 'utf8').catch(() => '');
  if (/^VERSION = \d+$/m.test(makefile) && /^PATCHLEVEL = \d+$/m.test(makefile)) return;
  throw new GivenSourceError(`${named} holds no kernel source: its Makefile has no VERSION and PATCHLEVEL`);
}
