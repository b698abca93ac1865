// SPDX-License-Identifier: MIT
import { posix } from 'node:path';
import type { Entry, Files } from './files.js';

/** Where a copy goes: to a new name, into an existing directory, or to a device. */
export interface Place {
  readonly path: string;
  readonly how: 'new' | 'merge' | 'device';
}

/**
 * The place of a copy by the rules of scp -r: in `target` when that is a directory or ends in a slash, otherwise under that
 * name. Links in `target` are followed, since the user has named them.
 * @param name the copy's name when it goes into a directory
 * @throws Error when something is in the way
 */
export async function placeOf(
  files: Files,
  target: string,
  name: string,
  { kind }: Pick<Entry, 'kind'>,
): Promise<Place> {
  const into = target.endsWith('/') || (await files.followed(target))?.kind === 'directory';
  const path = into ? `${target.replace(/\/+$/, '')}/${name}` : target;
  const there = await files.followed(path);
  if (there === undefined) {
    await expectRoom(files, path);
    return { path, how: 'new' };
  }
  if (kind === 'directory') {
    if (there.kind !== 'directory') throw new Error(`${path} is not a directory`);
    return { path, how: 'merge' };
  }
  switch (there.kind) {
    case 'directory':
      throw new Error(`${path} is a directory`);
    case 'device':
      return { path, how: 'device' };
    case 'file':
      return { path: await files.real(path), how: 'new' };
    case 'link':
    case 'other':
      throw new Error(`${path} is neither a file nor a directory`);
  }
}

async function expectRoom(files: Files, path: string): Promise<void> {
  if ((await files.entry(path)) !== undefined) throw new Error(`${path} is a link to nothing`);
  const folder = posix.dirname(path);
  if ((await files.followed(folder))?.kind !== 'directory')
    throw new Error(`there is no directory ${folder}: no such file or directory`);
}
