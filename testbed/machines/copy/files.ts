// SPDX-License-Identifier: MIT
import { constants } from 'node:fs';

/** `device` is a character or block device; `other` a FIFO or a socket. */
export type Kind = 'file' | 'directory' | 'link' | 'device' | 'other';

export interface Entry {
  readonly kind: Kind;
  /** Permission bits, with setuid, setgid and sticky. */
  readonly mode: number;
  /** Bytes, as stat(2) says; files of /proc say 0, and files of /sys say 4096. */
  readonly size: number;
}

/** What a directory has. */
export interface Listing {
  /** By name. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** Names that cannot be copied, as people can read them. */
  readonly unfit: readonly { readonly name: string; readonly why: string }[];
}

/** An open file. Positions are in bytes from its beginning. */
export interface OpenFile {
  /** At most `length` bytes, possibly fewer; none at the end of the file. */
  read(length: number, position: number): Promise<Buffer>;
  /** Writes all of them. */
  write(bytes: Buffer, position: number): Promise<void>;
  size(): Promise<number>;
  setSize(bytes: number): Promise<void>;
  setMode(mode: number): Promise<void>;
  close(): Promise<void>;
}

/** The file system on one side of a copy. Every method throws an Error with the reason in words. */
export interface Files {
  /** The permission bits that a copy on this side may have. */
  readonly modeMask: number;
  /** Undefined where there is nothing. A link is not followed. */
  entry(path: string): Promise<Entry | undefined>;
  /** As {@link entry}, of what links lead to. */
  followed(path: string): Promise<Entry | undefined>;
  /** The path with all links followed. */
  real(path: string): Promise<string>;
  list(directory: string): Promise<Listing>;
  linkTarget(path: string): Promise<string>;
  open(path: string): Promise<OpenFile>;
  /** A new file, which nobody else may read. Fails when there is anything, a link included. */
  create(path: string): Promise<OpenFile>;
  /** A device, to be written to. */
  openDevice(path: string): Promise<OpenFile>;
  /** A new directory, which nobody else may enter. */
  makeDirectory(path: string): Promise<void>;
  makeLink(path: string, target: string): Promise<void>;
  setMode(path: string, mode: number): Promise<void>;
  /** Takes the place of a file or a link at `to`. */
  move(from: string, to: string): Promise<void>;
  removeFile(path: string): Promise<void>;
  removeDirectory(path: string): Promise<void>;
}

/** A name is taken for what it is in no directory: a hostile side could lead out of the tree with others. */
export function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name);
}

/** By the type bits of a mode, as in stat(2). */
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
