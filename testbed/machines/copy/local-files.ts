// SPDX-License-Identifier: MIT
import { isUtf8 } from 'node:buffer';
import { constants, type Stats } from 'node:fs';
import * as fs from 'node:fs/promises';
import { type Attributes, type Entry, type Files, kindOf, type Listing, type OpenFile } from './files.js';

/** The file system of this machine, with the rights of the user who runs the testbed. */
export const localFiles: Files = {
  // No set-uid, set-gid or sticky bits, since a guest must not decide what runs here with which rights.
  modeMask: 0o777,
  entry: async (path) => entryOr(fs.lstat(path)),
  followed: async (path) => entryOr(fs.stat(path)),
  real: async (path) => fs.realpath(path),
  list,
  linkTarget: async (path) => textOf(await fs.readlink(path, 'buffer'), 'where it leads to'),
  open: async (path) => new LocalFile(await fs.open(path, constants.O_RDONLY | constants.O_NONBLOCK)),
  create: async (path) => new LocalFile(await fs.open(path, 'wx', 0o600)),
  openDevice: async (path) => new LocalFile(await fs.open(path, constants.O_WRONLY | constants.O_NOCTTY)),
  makeDirectory: async (path) => fs.mkdir(path, 0o700),
  makeLink: async (path, target) => fs.symlink(target, path),
  setAttributes: async (path, { mode, modified }) => {
    await fs.chmod(path, mode);
    await fs.utimes(path, modified, modified);
  },
  move: async (from, to) => fs.rename(from, to),
  removeFile: async (path) => fs.unlink(path),
  removeDirectory: async (path) => fs.rmdir(path),
};

async function entryOr(stats: Promise<Stats>): Promise<Entry | undefined> {
  try {
    const { mode, size, mtimeMs } = await stats;
    return { kind: kindOf(mode), mode: mode & 0o7777, size, modified: Math.floor(mtimeMs / 1000) };
  } catch (thrown) {
    if (['ENOENT', 'ENOTDIR'].includes((thrown as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw thrown;
  }
}

async function list(directory: string): Promise<Listing> {
  const entries = new Map<string, Entry>();
  const unfit: Listing['unfit'][number][] = [];
  const names = await fs.readdir(directory, 'buffer');
  const prefix = Buffer.from(`${directory}/`);
  await Promise.all(
    names.map(async (name) => {
      if (!isUtf8(name)) {
        unfit.push({ name: name.toString('latin1'), why: 'its name is not UTF-8' });
        return;
      }
      const entry = await entryOr(fs.lstat(Buffer.concat([prefix, name])));
      if (entry === undefined) unfit.push({ name: name.toString(), why: 'it has vanished' });
      else entries.set(name.toString(), entry);
    }),
  );
  return { entries, unfit };
}

function textOf(bytes: Buffer, what: string): string {
  if (!isUtf8(bytes)) throw new Error(`${what} is not UTF-8`);
  return bytes.toString();
}

class LocalFile implements OpenFile {
  constructor(readonly handle: fs.FileHandle) {}

  async read(length: number, position: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length);
    const { bytesRead } = await this.handle.read(buffer, 0, length, position);
    return buffer.subarray(0, bytesRead);
  }

  async write(bytes: Buffer, position: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.handle.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
  }

  async size(): Promise<number> {
    return (await this.handle.stat()).size;
  }

  async setSize(bytes: number): Promise<void> {
    await this.handle.truncate(bytes);
  }

  async setAttributes({ mode, modified }: Attributes): Promise<void> {
    await this.handle.chmod(mode);
    await this.handle.utimes(modified, modified);
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}
