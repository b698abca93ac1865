// SPDX-License-Identifier: MIT
import { copyContent } from './content.js';
import type { Attributes, Entry, Files, OpenFile } from './files.js';
import { Gate } from './gate.js';

/** Number of requests at once. Over a network each of them takes a round trip. */
const AT_ONCE = 64;

/** A part of a tree that was not copied, although the rest was. */
export interface Omission {
  /** Relative to the top of the tree. */
  readonly path: string;
  readonly why: string;
}

export interface TreeCopyOptions {
  readonly from: Files;
  readonly to: Files;
  /** Name of the temporary directories in which files are made. Nothing else may have this name. */
  readonly aside: string;
  /** Ends the copy at its next step. */
  readonly signal: AbortSignal;
  /** Called with the bytes of content so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** Something of the tree cannot be read. The rest of it can still be copied. */
class SourceError extends Error {}

type Child = readonly [name: string, entry: Entry];

/**
 * Copies one tree. A file gets its name only when it is whole: it is made in a temporary directory on the same file system
 * and then moved. What cannot be read, and what may not be replaced, is left out and listed. A failed write ends the copy,
 * since further writes would fail too.
 */
export class TreeCopy {
  readonly #options: TreeCopyOptions;
  readonly #from: Files;
  readonly #to: Files;
  readonly #gate = new Gate(AT_ONCE);
  readonly #omissions: Omission[] = [];
  readonly #asides = new Set<string>();
  /** What ended the copy. */
  #failure: unknown;
  #bytes = 0;

  constructor(options: TreeCopyOptions) {
    this.#options = options;
    this.#from = options.from;
    this.#to = options.to;
  }

  get omissions(): readonly Omission[] {
    return this.#omissions;
  }

  /** Temporary directories that are left. None when the copy has not failed. */
  get asides(): readonly string[] {
    return [...this.#asides];
  }

  /** Makes `target`, which does not exist or is a file. @throws Error when the top of the tree cannot be read */
  async place(source: string, entry: Entry, target: string): Promise<void> {
    const aside = this.#aside(target.slice(0, target.lastIndexOf('/') + 1));
    const made = await aside.path('0');
    await this.#make(source, entry, made, '');
    await this.#step(() => this.#to.move(made, target));
    await aside.remove();
  }

  /** Copies what is in `source` into `target`; both are directories. @throws Error when `source` cannot be read */
  async merge(source: string, entry: Entry, target: string, shown = ''): Promise<void> {
    const children = await this.#children(source, shown);
    const aside = this.#aside(`${target}/`);
    await this.#all(children, shown, async (name, child, path) => {
      const place = `${target}/${name}`;
      const there = await this.#step(() => this.#to.entry(place));
      if (child.kind === 'directory' && there?.kind === 'directory') {
        await this.merge(`${source}/${name}`, child, place, path);
        return;
      }
      const obstacle = there === undefined ? undefined : obstacleFor(child, there);
      if (obstacle !== undefined) {
        this.#omissions.push({ path, why: obstacle });
        return;
      }
      const made = await aside.path(name);
      await this.#make(`${source}/${name}`, child, made, path);
      await this.#step(() => this.#to.move(made, place));
    });
    await aside.remove();
    await this.#step(() => this.#to.setAttributes(target, this.#kept(entry)));
  }

  /** Writes the content of a file to a device. @throws Error when it cannot be read */
  async writeTo(device: string, source: string, entry: Entry): Promise<void> {
    await this.#step(async () => {
      const input = await reading(this.#from.open(source));
      await closedAfter(input, async () => {
        const output = await this.#to.openDevice(device);
        await closedAfter(output, () => this.#content(input, entry, output, { holes: false }));
      });
    });
  }

  /** Makes `target`, which does not exist. @throws SourceError */
  async #make(source: string, entry: Entry, target: string, shown: string): Promise<void> {
    switch (entry.kind) {
      case 'file':
        await this.#step(() => this.#makeFile(source, entry, target));
        return;
      case 'link':
        await this.#step(async () => this.#to.makeLink(target, await reading(this.#from.linkTarget(source))));
        return;
      case 'directory':
        await this.#makeDirectory(source, entry, target, shown);
        return;
      case 'device':
      case 'other':
        throw new SourceError('neither a file nor a directory nor a link');
    }
  }

  async #makeDirectory(source: string, entry: Entry, target: string, shown: string): Promise<void> {
    const children = await this.#children(source, shown);
    await this.#step(() => this.#to.makeDirectory(target));
    await this.#all(children, shown, async (name, child, path) =>
      this.#make(`${source}/${name}`, child, `${target}/${name}`, path),
    );
    await this.#step(() => this.#to.setAttributes(target, this.#kept(entry)));
  }

  async #makeFile(source: string, entry: Entry, target: string): Promise<void> {
    const input = await reading(this.#from.open(source));
    await closedAfter(input, async () => {
      const output = await this.#to.create(target);
      try {
        await closedAfter(output, async () => {
          await this.#content(input, entry, output, { holes: true });
          await output.setAttributes(this.#kept(entry));
        });
      } catch (thrown) {
        if (thrown instanceof SourceError) await this.#to.removeFile(target);
        throw thrown;
      }
    });
  }

  /** @throws SourceError also when the file was changed meanwhile */
  async #content(
    input: OpenFile,
    { size }: Entry,
    output: OpenFile,
    { holes }: { readonly holes: boolean },
  ): Promise<void> {
    const source = { read: (length: number, at: number) => reading(input.read(length, at)) };
    const bytes = await copyContent(source, output, {
      size,
      holes,
      onBytes: (more) => {
        this.#options.signal.throwIfAborted();
        this.#bytes += more;
        this.#options.onProgress?.(this.#bytes);
      },
    });
    // A file of /sys has a size of 4096 and may have less content. Its size does not change, unlike that of a file which was
    // cut short.
    if (bytes < size && (await reading(input.size())) !== size)
      throw new SourceError('it became shorter while it was copied');
  }

  #kept({ mode, modified }: Entry): Attributes {
    return { mode: mode & this.#to.modeMask, modified };
  }

  async #children(directory: string, shown: string): Promise<readonly Child[]> {
    const { entries, unfit } = await this.#step(() => reading(this.#from.list(directory)));
    for (const { name, why } of unfit) this.#omissions.push({ path: below(shown, name), why });
    return [...entries];
  }

  /** Does the work for all children, several at once. A child that cannot be read is left out. */
  async #all(
    children: readonly Child[],
    shown: string,
    work: (name: string, entry: Entry, path: string) => Promise<void>,
  ): Promise<void> {
    const one = async ([name, entry]: Child): Promise<void> => {
      const path = below(shown, name);
      try {
        await work(name, entry, path);
      } catch (thrown) {
        if (thrown instanceof SourceError) this.#omissions.push({ path, why: thrown.message });
        else this.#failure ??= thrown;
      }
    };
    await Promise.all(children.map(one));
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  async #step<T>(work: () => Promise<T>): Promise<T> {
    return await this.#gate.through(async () => {
      this.#options.signal.throwIfAborted();
      if (this.#failure !== undefined) throw this.#failure as Error;
      return await work();
    });
  }

  /** A temporary directory in `folder`, made when it is first needed. */
  #aside(folder: string): { path(name: string): Promise<string>; remove(): Promise<void> } {
    const directory = `${folder}${this.#options.aside}`;
    let made: Promise<void> | undefined;
    return {
      path: async (name) => {
        this.#asides.add(directory);
        await (made ??= this.#step(() => this.#to.makeDirectory(directory)));
        return `${directory}/${name}`;
      },
      remove: async () => {
        if (made === undefined) return;
        await this.#step(() => this.#to.removeDirectory(directory));
        this.#asides.delete(directory);
      },
    };
  }
}

/** Why `entry` may not replace `there`. Links are never followed, and devices never replaced. */
function obstacleFor(entry: Entry, there: Entry): string | undefined {
  if (entry.kind === 'directory') return 'there is something other than a directory';
  if (there.kind === 'directory') return 'there is a directory';
  if (there.kind === 'file' || (there.kind === 'link' && entry.kind === 'link')) return undefined;
  return there.kind === 'link' ? 'there is a link' : 'there is neither a file nor a directory';
}

function below(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

async function reading<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    throw new SourceError((thrown as Error).message, { cause: thrown });
  }
}

async function closedAfter(file: OpenFile, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    await file.close().catch(() => undefined);
    throw thrown;
  }
  await file.close();
}
