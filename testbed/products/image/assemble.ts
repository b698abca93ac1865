// SPDX-License-Identifier: MIT
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import type { Package } from '../debian/package.js';
import { unpackPackage, type PackageMember } from '../debian/unpack.js';
import type { Context } from '../../base/host/context.js';
import type { ImageDeclaration, PackageSelection } from './declaration.js';
import { ImageInputError } from './errors.js';
import { matcher } from './glob.js';
import { addLibraries, isLibraryPath, type Pool } from './libraries.js';
import type { BuiltPrograms } from './programs.js';
import { imagePath, RootTree, type Inode } from './root-tree.js';

/** Left out when a package is taken whole. */
const DOCUMENTATION = ['doc', 'info', 'lintian', 'locale', 'man', 'bash-completion'].flatMap((name) => [
  `usr/share/${name}`,
  `usr/share/${name}/**`,
]);

/** A file of this project with its place in the guest. */
export interface ProjectFile {
  /** Path on the host. */
  readonly source: string;
  /** Path in the guest. */
  readonly path: string;
  readonly mode: number;
}

export interface Ingredients {
  /** With the packages' files, in the same order. */
  readonly packages: readonly { readonly package: Package; readonly file: string }[];
  readonly programs: readonly BuiltPrograms[];
  readonly files: readonly ProjectFile[];
}

export interface Assembled {
  readonly tree: RootTree;
  /** The packages that something was taken from. */
  readonly packages: readonly Package[];
}

/**
 * Puts a root file system together as its declaration says.
 * @param scratch - a folder for what is unpacked; the tree refers to files in it
 * @throws ImageInputError, ImageConflictError, LibraryMissingError, PackageUnpackError
 */
export async function assemble(
  context: Context,
  declaration: ImageDeclaration,
  ingredients: Ingredients,
  scratch: string,
): Promise<Assembled> {
  const tree = RootTree.withMergedUsr();
  const { used, libraries } = await takePackages(context, declaration, ingredients, tree, scratch);
  for (const programs of ingredients.programs) {
    await takePrograms(programs, declaration.programs[programs.name] ?? '/', tree);
  }
  for (const file of ingredients.files) {
    tree.put(file.path, await hostFile(file.source, file.mode));
  }
  takeDeclared(declaration, tree);
  for (const name of await addLibraries(tree, libraries)) used.add(name);
  const packages = ingredients.packages.map((one) => one.package).filter(({ name }) => used.has(name));
  return { tree, packages };
}

/**
 * The project's files that a declaration names, its patterns expanded.
 * @throws ImageInputError for a name or pattern that matches nothing
 */
export async function projectFiles(
  project: string,
  declaration: ImageDeclaration,
): Promise<readonly ProjectFile[]> {
  const found = declaration.files.map(async ({ from, to, mode = '644' }) => {
    const place = (name: string): string => (from.includes('*') ? posix.join(to, name) : to);
    const sources = await expand(project, from);
    return sources.map((source) => ({
      source,
      path: place(basename(source)),
      mode: Number.parseInt(mode, 8),
    }));
  });
  return (await Promise.all(found)).flat();
}

async function expand(project: string, pattern: string): Promise<readonly string[]> {
  const folder = join(project, posix.dirname(pattern));
  const matches = matcher([posix.basename(pattern)]);
  const names = await readdir(folder).catch(() => []);
  const found = names.filter(matches).sort();
  if (found.length === 0) throw new ImageInputError(`${pattern}, which an image declares, matches no file`);
  return found.map((name) => join(folder, name));
}

async function takePackages(
  context: Context,
  declaration: ImageDeclaration,
  { packages }: Ingredients,
  tree: RootTree,
  scratch: string,
): Promise<{ readonly used: Set<string>; readonly libraries: Pool }> {
  const used = new Set<string>();
  const libraries = new Map<string, { inode: Inode; origin: string }>();
  for (const { package: one, file } of packages) {
    const selection = new Selection(one.name, declaration.packages[one.name]);
    const folder = join(scratch, one.name);
    await mkdir(folder);
    const members = await unpackPackage(
      context,
      file,
      folder,
      (path) => selection.has(path) || isLibraryPath(imagePath(path)),
    );
    selection.check();
    for (const member of members) {
      const inode = await packagedInode(member, join(folder, member.path));
      if (selection.has(member.path)) {
        tree.put(member.path, inode);
        used.add(one.name);
      } else {
        libraries.set(imagePath(member.path), { inode, origin: one.name });
      }
    }
  }
  return { used, libraries };
}

/** The part of a package that was asked for. Patterns match merged paths, since Debian moves files from / to /usr. */
class Selection {
  readonly #package: string;
  readonly #keep: Map<string, (path: string) => boolean>;
  readonly #excluded: (path: string) => boolean;
  readonly #unmatched: Set<string>;

  /** @param selection - undefined for a package that only other packages need */
  constructor(name: string, selection: PackageSelection | undefined) {
    this.#package = name;
    const keep = selection === undefined ? [] : (selection.keep ?? ['**']);
    this.#keep = new Map(keep.map((pattern) => [pattern, matcher([imagePath(pattern)])]));
    const leftOut = selection?.keep === undefined ? DOCUMENTATION : [];
    this.#excluded = matcher([...leftOut, ...(selection?.exclude ?? []).map(imagePath)]);
    this.#unmatched = new Set(keep);
  }

  has(path: string): boolean {
    const place = imagePath(path);
    if (this.#excluded(place)) return false;
    const matched = [...this.#keep].filter(([, matches]) => matches(place));
    for (const [pattern] of matched) this.#unmatched.delete(pattern);
    return matched.length > 0;
  }

  /** Called after the last member. @throws ImageInputError when a pattern has matched nothing */
  check(): void {
    const [pattern] = this.#unmatched;
    if (pattern === undefined) return;
    throw new ImageInputError(`package ${this.#package} has nothing that matches ${pattern}`);
  }
}

async function packagedInode(member: PackageMember, unpacked: string): Promise<Inode> {
  const owned = { mode: member.mode & 0o7777, uid: member.uid, gid: member.gid };
  if (member.type === 'directory') return { type: 'directory', ...owned };
  if (member.type === 'symlink') return { type: 'symlink', ...owned, target: member.target ?? '' };
  return { type: 'file', ...owned, content: { path: unpacked, bytes: (await stat(unpacked)).size } };
}

async function takePrograms(programs: BuiltPrograms, to: string, tree: RootTree): Promise<void> {
  for (const name of (await readdir(programs.folder)).sort()) {
    tree.put(posix.join(to, name), await hostFile(join(programs.folder, name), 0o755));
  }
}

async function hostFile(source: string, mode: number): Promise<Inode> {
  return { type: 'file', mode, uid: 0, gid: 0, content: await readFile(source) };
}

function takeDeclared(declaration: ImageDeclaration, tree: RootTree): void {
  const root = { uid: 0, gid: 0 };
  for (const [path, mode] of Object.entries(declaration.folders)) {
    tree.put(path, { type: 'directory', mode: Number.parseInt(mode, 8), ...root });
  }
  for (const [target, paths] of Object.entries(declaration.links)) {
    for (const path of paths) tree.put(path, { type: 'symlink', mode: 0o777, target, ...root });
  }
  for (const [path, [major, minor]] of Object.entries(declaration.devices)) {
    tree.put(path, { type: 'character-device', mode: 0o600, major, minor, ...root });
  }
  for (const [path, content] of accountFiles(declaration)) {
    tree.put(path, { type: 'file', mode: 0o644, content: Buffer.from(content), ...root });
  }
}

/** With the password `*` nobody can log in: passwd(5). */
function accountFiles({ accounts }: ImageDeclaration): readonly (readonly [path: string, content: string])[] {
  const rows = Object.entries(accounts);
  if (rows.length === 0) return [];
  const users = rows.map(([name, { id, home, shell }]) => `${name}:*:${id}:${id}:${name}:${home}:${shell}\n`);
  const groups = rows.map(([name, { id }]) => `${name}:x:${id}:\n`);
  return [
    ['/etc/passwd', users.join('')],
    ['/etc/group', groups.join('')],
  ];
}
