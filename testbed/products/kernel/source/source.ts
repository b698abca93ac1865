// SPDX-License-Identifier: MIT
import { rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Context } from '../../../base/host/context.js';
import { download } from './download.js';
import { GivenSourceError, SourceMissingError, SourceUnreachableError } from '../line/errors.js';
import { hashFile } from '../../store/file-hash.js';
import { givenSource, importGivenSource, type GivenSource, type Import } from './given-source.js';
import type { DebianPackageSource, Line, TarballSource } from '../line/line.js';
import { findPristine, importTarball, type Pristine } from './pristine.js';
import { changeState, readState } from '../../../base/host/state-file.js';
import { forgetFailure, recentFailure, rememberFailure } from './unreachable.js';

/** The source that a line is built from, known before it is fetched. */
export interface Source {
  /** For people and for provenance: `https://...`, `Debian's linux-source-6.1`, `given directory ...`. */
  readonly origin: string;
  /** Hash of the files: see {@link Pristine}. */
  readonly sha256: string;
  readonly from:
    | { readonly kind: 'download'; readonly url: URL; readonly strip: number }
    | { readonly kind: 'debian-package'; readonly file: string; readonly strip: number }
    | { readonly kind: 'given'; readonly given: GivenSource };
}

export interface ObtainOptions {
  /** Try a host even when it could not be reached a short time ago. */
  readonly insist: boolean;
}

/**
 * Says which source a line has: the one that was given for it, or else the one that its definition names.
 * @throws SourceMissingError when its Debian package is not installed
 */
export async function identifySource(context: Context, line: Line): Promise<Source> {
  const given = await givenSource(context.paths, line.id);
  if (given !== undefined)
    return { origin: givenText(line, given), sha256: given.sha256, from: { kind: 'given', given } };
  return line.source.kind === 'tarball'
    ? fromTarball(line.source)
    : await fromPackage(context, line, line.source);
}

/**
 * Brings a source into the repository of its line's tree, and fetches it if necessary.
 * @throws SourceUnreachableError, SourceMissingError, SourceHashError and every error of a download
 */
export async function obtainSource(
  context: Context,
  into: Import,
  source: Source,
  options: ObtainOptions,
): Promise<Pristine> {
  const there = await findPristine(into.git, source.sha256);
  if (there !== undefined) {
    into.stage.unchanged(source.origin);
    return there;
  }
  into.stage.note(source.origin);
  const { from, sha256 } = source;
  if (from.kind === 'given') return await importAgain(context, into, from.given);
  const file = from.kind === 'download' ? await fetched(context, into, from.url, sha256, options) : from.file;
  return await importTarball(context, into.git, into.place, { file, sha256, strip: from.strip }, into.stage);
}

/**
 * The URL of a line's tarball. TESTBED_KERNEL_MIRROR names another folder to fetch it from.
 * @throws GivenSourceError when TESTBED_KERNEL_MIRROR is not a URL
 */
export function tarballUrl(source: TarballSource, environment: NodeJS.ProcessEnv = process.env): URL {
  const url = new URL(source.url);
  const mirror = environment['TESTBED_KERNEL_MIRROR'] ?? '';
  if (mirror === '') return url;
  if (!URL.canParse(mirror)) {
    throw new GivenSourceError(`TESTBED_KERNEL_MIRROR is not a URL: ${mirror}`, {
      nextStep: 'Set it to the folder that has the tarballs: http://HOST/FOLDER',
    });
  }
  return new URL(basename(url.pathname), `${mirror.replace(/\/$/, '')}/`);
}

function fromTarball(source: TarballSource): Source {
  const url = tarballUrl(source);
  return { origin: url.href, sha256: source.sha256, from: { kind: 'download', url, strip: source.strip } };
}

async function fromPackage(context: Context, line: Line, source: DebianPackageSource): Promise<Source> {
  const packaged = await packagedTarball(context, source);
  if (packaged === undefined) {
    throw new SourceMissingError(line.id, `Debian's ${source.package} is not installed`, {
      nextStep: `sudo apt-get install -y --no-install-recommends ${source.package}`,
    });
  }
  const from = { kind: 'debian-package', file: source.path, strip: source.strip } as const;
  return { origin: `Debian's ${source.package} ${packaged.version}`, sha256: packaged.sha256, from };
}

function givenText(line: Line, given: GivenSource): string {
  const ref = given.ref === undefined ? '' : ` at ${given.ref}`;
  const verified = line.source.kind === 'tarball' && line.source.sha256 === given.sha256;
  const tree = verified ? 'verified' : `tree ${given.tree}`;
  return `given ${given.kind} ${given.path}${ref} (${tree})`;
}

interface PackagedTarball {
  /** Size, time and inode of the file when it was read. */
  readonly stamp: string;
  readonly sha256: string;
  /** Of the Debian package. */
  readonly version: string;
}

/** Version and hash of a packaged tarball. They are remembered, since reading 138 MB takes noticeable time. */
async function packagedTarball(
  context: Context,
  source: DebianPackageSource,
): Promise<PackagedTarball | undefined> {
  const facts = await stat(source.path).catch(() => undefined);
  if (facts === undefined) return undefined;
  const memory = join(context.paths.cache, 'packaged-sources.json');
  const stamp = `${facts.size}-${facts.mtimeMs}-${facts.ino}`;
  const known = (await readState<PackagedTarball>(memory))[source.path];
  if (known?.stamp === stamp) return known;
  const argv = ['dpkg-query', '--show', '--showformat', '${Version}', source.package] as const;
  const { stdout } = await context.processes.run(argv, { signal: context.signal, env: { LC_ALL: 'C' } });
  const found = { stamp, sha256: await hashFile(source.path), version: stdout.trim() };
  await changeState(memory, source.path, found);
  return found;
}

/** Imports a given source again after the cache was pruned. The original must not have changed. */
async function importAgain(context: Context, into: Import, given: GivenSource): Promise<Pristine> {
  const where = given.refCommit === undefined ? given.path : `${given.path}#${given.refCommit}`;
  if ((await stat(given.path).catch(() => undefined)) === undefined) {
    throw new SourceMissingError(into.line.id, `${given.path}, which was given for it, is gone`, {
      nextStep: `--kernel-source ${into.line.id}=PATH names another; --kernel-source ${into.line.id}=default takes the line's own.`,
    });
  }
  const again = await importGivenSource(context, into, where);
  const pristine = await findPristine(into.git, given.sha256);
  if (pristine === undefined) {
    throw new GivenSourceError(
      `${given.path} has changed since it was given (tree ${again.tree}, not ${given.tree})`,
      {
        nextStep: `--kernel-source ${into.line.id}=${where} takes it as it is now.`,
      },
    );
  }
  return pristine;
}

/** The verified tarball in the cache. */
async function fetched(
  context: Context,
  into: Import,
  url: URL,
  sha256: string,
  options: ObtainOptions,
): Promise<string> {
  const line = into.line.id;
  const file = join(context.paths.cache, 'downloads', basename(url.pathname));
  if ((await hashFile(file).catch(() => undefined)) === sha256) return file;
  await rm(file, { force: true });
  if (context.offline) {
    throw new SourceMissingError(line, 'it is not in the cache, and --offline was given', {
      nextStep: `Run without --offline once, or give it: --kernel-source ${line}=PATH`,
      offline: true,
    });
  }
  const failure = options.insist ? undefined : await recentFailure(context, url.host);
  if (failure !== undefined) throw new SourceUnreachableError(line, url, failure);
  try {
    await download(context, { line, url, sha256, file }, into.stage);
  } catch (thrown) {
    if (thrown instanceof SourceUnreachableError) await rememberFailure(context, url.host, thrown.reason);
    throw thrown;
  }
  await forgetFailure(context, url.host);
  return file;
}
