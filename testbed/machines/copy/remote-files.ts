// SPDX-License-Identifier: MIT
import { promisify } from 'node:util';
import type { FileEntryWithStats, SFTPWrapper, Stats } from 'ssh2';
import {
  type Attributes,
  type Entry,
  type Files,
  isPlainName,
  kindOf,
  type Listing,
  type OpenFile,
} from './files.js';

/** Status codes of SFTP, version 3 (draft-ietf-secsh-filexfer-02, section 7). */
const END_OF_FILE = 1;
const NO_SUCH_FILE = 2;
const FAILURE = 4;

/** ssh2 decodes names as UTF-8 and puts this character where they are not. */
const NOT_UTF8 = '\ufffd';

/** When a write fails and fewer bytes than this are free, the reason given is that there is no space left. */
const NO_ROOM_BYTES = 1024 * 1024;

/**
 * The file system of a node, as its SFTP server shows it. Relative paths start from the home directory.
 * @param gone aborted when the server no longer answers
 */
export function remoteFiles(sftp: SFTPWrapper, gone: AbortSignal): Files {
  const ask = requests(sftp, gone);
  const opened = async (path: string, flags: 'r' | 'r+' | 'wx'): Promise<OpenFile> =>
    new RemoteFile(ask, await ask.open(path, flags));
  return {
    modeMask: 0o7777,
    entry: async (path) => entryOr(ask.lstat(path)),
    followed: async (path) => entryOr(ask.stat(path)),
    real: ask.realpath,
    list: async (directory) => listing(await ask.readdir(directory)),
    linkTarget: async (path) => {
      const target = await ask.readlink(path);
      if (target.includes(NOT_UTF8)) throw new Error('where it leads to is not UTF-8');
      return target;
    },
    open: async (path) => opened(path, 'r'),
    create: async (path) => opened(path, 'wx'),
    openDevice: async (path) => opened(path, 'r+'),
    makeDirectory: async (path) => ask.mkdir(path, { mode: 0o700 }),
    makeLink: async (path, target) => ask.symlink(target, path),
    setAttributes: async (path, attributes) => ask.setstat(path, inProtocol(attributes)),
    move: ask.rename,
    removeFile: ask.unlink,
    removeDirectory: ask.rmdir,
  };
}

type Requests = ReturnType<typeof requests>;

/** Requests of the protocol. When the server is gone, ssh2 would never answer them. These fail then. */
function requests(sftp: SFTPWrapper, gone: AbortSignal) {
  const answered =
    <A extends unknown[], T>(request: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      gone.throwIfAborted();
      try {
        return await request.apply(sftp, args);
      } catch (thrown) {
        throw inWords(thrown as Error);
      }
    };
  /* eslint-disable @typescript-eslint/unbound-method -- each is called with sftp as its `this`, above */
  return {
    lstat: answered(promisify(sftp.lstat)),
    stat: answered(promisify(sftp.stat)),
    realpath: answered(promisify(sftp.realpath)),
    readdir: answered(promisify(sftp.readdir)),
    readlink: answered(promisify(sftp.readlink)),
    mkdir: answered(promisify<string, { readonly mode: number }>(sftp.mkdir)),
    symlink: answered(promisify(sftp.symlink)),
    setstat: answered(promisify(sftp.setstat)),
    rename: answered(promisify(sftp.ext_openssh_rename)),
    unlink: answered(promisify(sftp.unlink)),
    rmdir: answered(promisify(sftp.rmdir)),
    open: answered(promisify<string, 'r' | 'r+' | 'wx', Buffer>(sftp.open)),
    read: answered(promisify(sftp.read)),
    write: answered(promisify(sftp.write)),
    fstat: answered(promisify(sftp.fstat)),
    fsetstat: answered(promisify(sftp.fsetstat)),
    statvfs: answered(promisify<Buffer, FileSystem>(sftp.ext_openssh_fstatvfs)),
    close: answered(promisify(sftp.close)),
  };
  /* eslint-enable @typescript-eslint/unbound-method */
}

/** Fields of statvfs(3). */
interface FileSystem {
  readonly f_bavail: number;
  readonly f_frsize: number;
}

class RemoteFile implements OpenFile {
  readonly #ask: Requests;
  readonly #handle: Buffer;

  constructor(ask: Requests, handle: Buffer) {
    this.#ask = ask;
    this.#handle = handle;
  }

  async read(length: number, position: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length);
    try {
      const bytes = await this.#ask.read(this.#handle, buffer, 0, length, position);
      return buffer.subarray(0, bytes);
    } catch (thrown) {
      if (codeOf(thrown) === END_OF_FILE) return Buffer.alloc(0);
      throw thrown;
    }
  }

  async write(bytes: Buffer, position: number): Promise<void> {
    try {
      await this.#ask.write(this.#handle, bytes, 0, bytes.length, position);
    } catch (thrown) {
      if (codeOf(thrown) !== FAILURE || !(await this.#lacksRoom())) throw thrown;
      throw new Error('no space left there', { cause: thrown });
    }
  }

  async size(): Promise<number> {
    return (await this.#ask.fstat(this.#handle)).size;
  }

  async setSize(bytes: number): Promise<void> {
    await this.#ask.fsetstat(this.#handle, { size: bytes });
  }

  async setAttributes(attributes: Attributes): Promise<void> {
    await this.#ask.fsetstat(this.#handle, inProtocol(attributes));
  }

  async close(): Promise<void> {
    await this.#ask.close(this.#handle);
  }

  /** The protocol has no status for a full file system. */
  async #lacksRoom(): Promise<boolean> {
    const { f_bavail: blocks, f_frsize: blockBytes } = await this.#ask.statvfs(this.#handle);
    return blocks * blockBytes < NO_ROOM_BYTES;
  }
}

function listing(found: readonly FileEntryWithStats[]): Listing {
  const entries = new Map<string, Entry>();
  const unfit: Listing['unfit'][number][] = [];
  for (const { filename: name, attrs } of found) {
    if (name.includes(NOT_UTF8)) unfit.push({ name, why: 'its name is not UTF-8' });
    else if (!isPlainName(name)) unfit.push({ name: JSON.stringify(name), why: 'it is not a valid name' });
    else if (entries.has(name)) unfit.push({ name, why: 'the directory has it twice' });
    else entries.set(name, entryOf(attrs));
  }
  return { entries, unfit };
}

async function entryOr(stats: Promise<Stats>): Promise<Entry | undefined> {
  try {
    return entryOf(await stats);
  } catch (thrown) {
    if (codeOf(thrown) === NO_SUCH_FILE) return undefined;
    throw thrown;
  }
}

function entryOf({ mode, size, mtime }: Stats): Entry {
  return { kind: kindOf(mode), mode: mode & 0o7777, size, modified: mtime };
}

/** Times have 32 bits in the protocol. */
function inProtocol({ mode, modified }: Attributes): { mode: number; atime: number; mtime: number } {
  const seconds = Math.min(Math.max(modified, 0), 0xffff_ffff);
  return { mode, atime: seconds, mtime: seconds };
}

function codeOf(thrown: unknown): unknown {
  return (thrown as { readonly code?: unknown }).code;
}

/** Rewords a message of the server, which is capitalised and often only "Failure". */
function inWords(error: Error): Error {
  error.message =
    codeOf(error) === FAILURE
      ? 'the server failed and does not say why'
      : error.message.charAt(0).toLowerCase() + error.message.slice(1);
  return error;
}
