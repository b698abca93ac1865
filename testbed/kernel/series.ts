// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LineInvalidError } from './errors.js';
import { hashText } from './file-hash.js';
import type { Line } from './line.js';

/** A patch of a line, as it lies in kernel-patches/. */
export interface Patch {
  /** File name below patches/. */
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
}

export function seriesFile(line: Pick<Line, 'folder'>): string {
  return join(line.folder, 'series');
}

export function patchFile(line: Pick<Line, 'folder'>, name: string): string {
  return join(line.folder, 'patches', name);
}

/**
 * A line's patches, in the order of its quilt series: a name a line, `#` begins a comment.
 * @throws LineInvalidError when there is no series, or a patch in it has no file
 */
export async function readSeries(line: Pick<Line, 'folder'>): Promise<readonly Patch[]> {
  const file = seriesFile(line);
  const text = await readFile(file, 'utf8').catch(() => {
    throw new LineInvalidError(file, ['there is no such file; an empty one is a series without patches']);
  });
  const names = seriesNames(text);
  const problems: string[] = [];
  const patches: Patch[] = [];
  for (const name of names) {
    const [bare = '', level] = name.split(/\s+/);
    if (level !== undefined && level !== '-p1')
      problems.push(`${bare}: only -p1 is understood, not ${level}`);
    const content = await readFile(patchFile(line, bare), 'utf8').catch(() => undefined);
    if (content === undefined) problems.push(`${bare} is not in patches/`);
    else patches.push({ name: bare, text: content, sha256: hashText(content) });
  }
  if (problems.length > 0) throw new LineInvalidError(file, problems);
  return patches;
}

function seriesNames(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}
