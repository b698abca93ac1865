// SPDX-License-Identifier: MIT
import { constants } from 'node:fs';

/** `device` is a character or block device; `other` a FIFO or a socket. */
export type Kind = 'file' | 'directory' | 'link' | 'device' | 'other';

/** What a copy keeps of a file or directory besides its content. */
export interface Attributes {
  /** Permission bits, with setuid, setgid and sticky. */
  readonly mode: number;
  /** Time of the last change, in seconds since 1970; SFTP has no smaller unit. */
  readonly modified: number;
}

export interface Entry extends Attributes {
  readonly kind: Kind;
  /** Bytes, as in stat(2). It is 0 for files of /proc and 4096 for files of /sys. */
  readonly size: number;
}

/** The content of a directory. */
export interface Listing {
  /** By name. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** Names that cannot be copied, in a readable form. */
  readonly unfit: readonly { readonly name: string; readonly why: string }[];
}

/** An open file. Positions are bytes from its beginning. */
export interface OpenFile {
  /** At most `length` bytes, possibly fewer; none at the end of the file. */
  read(length: number, position: number): Promise<Buffer>;
  /** Writes all `bytes`. */
  write(bytes: Buffer, position: number): Promise<void>;
  size(): Promise<number>;
  setSize(bytes: number): Promise<void>;
  setAttributes(attributes: Attributes): Promise<void>;
  close(): Promise<void>;
}

/** The file system on one side of a copy. When a method fails, the message of its Error says why. */
export interface Files {
  /** The permission bits that a copy on this side may have. */
  readonly modeMask: number;
  /** Undefined where there is nothing. A link is not followed. */
  entry(path: string): Promise<Entry | undefined>;
  /** As {@link entry}, but links are followed. */
  followed(path: string): Promise<Entry | undefined>;
  /** The path with all links followed. */
  real(path: string): Promise<string>;
  list(directory: string): Promise<Listing>;
  linkTarget(path: string): Promise<string>;
  open(path: string): Promise<OpenFile>;
  /** Makes a new file that nobody else may read. Fails when anything is there, even a link. */
  create(path: string): Promise<OpenFile>;
  /** Opens a device for writing. */
  openDevice(path: string): Promise<OpenFile>;
  /** Makes a new directory that nobody else may enter. */
  makeDirectory(path: string): Promise<void>;
  makeLink(path: string, target: string): Promise<void>;
  setAttributes(path: string, attributes: Attributes): Promise<void>;
  /** Moves `from` to `to`. A file or link at `to` is replaced. */
  move(from: string, to: string): Promise<void>;
  removeFile(path: string): Promise<void>;
  removeDirectory(path: string): Promise<void>;
}

/** Whether a name is that of a directory's entry. With any other name a hostile server could lead out of the tree. */
export function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name);
}

/** The kind of a file, from the type bits of its mode, as in stat(2). */
export function kindOf(mode: number): Kind {
  switch (mode & constants.S_IFMT) {
    case constants.S_IFREG:
      return 'file';
    case constants.S_IFDIR:
      return 'directory';
    case constants.S_IFLNK:
      return 'link';
    case constants.S_IFCHR:
    case constants.S_IFBLK:
      return 'device';
    default:
      return 'other';
  }
}
