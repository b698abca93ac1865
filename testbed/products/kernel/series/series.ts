// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Paths } from '../../../base/host/paths.js';
import { readCore, type Core } from './core.js';
import { LineInvalidError } from '../line/errors.js';
import { hashText } from '../../store/file-hash.js';
import type { Line } from '../line/line.js';

/** What is laid on a line's source, in this order. */
export interface Changes {
  readonly core: Core;
  readonly series: readonly Patch[];
}

/** A patch of a line, as it is in kernel-patches/. */
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

/** @throws LineInvalidError as readSeries does */
export async function readChanges(
  paths: Pick<Paths, 'project'>,
  line: Pick<Line, 'folder'>,
): Promise<Changes> {
  const [core, series] = await Promise.all([readCore(paths), readSeries(line)]);
  return { core, series };
}

/**
 * A line's patches, in the order of its quilt series, which has one name on each line. `#` begins a comment.
 * @throws LineInvalidError when there is no series, or a patch in it has no file
 */
export async function readSeries(line: Pick<Line, 'folder'>): Promise<readonly Patch[]> {
  const file = seriesFile(line);
  const text = await readFile(file, 'utf8').catch(() => {
    throw new LineInvalidError(file, ['there is no such file; a series without patches is an empty file']);
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
    .map(patchLine)
    .filter((line) => line !== '');
}

/** A line of a series without its comment. */
function patchLine(line: string): string {
  return line.replace(/(^|\s)#.*$/, '').trim();
}

/**
 * The text of a series with other patches in it. A comment stays before its patch, or before the patch that took its
 * place. What comes after the last patch stays last.
 */
export function rewriteSeries(text: string, names: readonly string[]): string {
  const lines = new Map<string, string>();
  const comments = new Map<string, string[]>();
  let pending: string[] = [];
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const [name = ''] = patchLine(line).split(/\s+/);
    if (name === '') {
      pending.push(line);
      continue;
    }
    lines.set(name, line);
    comments.set(name, pending);
    // The comment of a removed patch moves to the next patch.
    pending = names.includes(name) ? [] : pending;
  }
  const rewritten = names.flatMap((name) => [...(comments.get(name) ?? []), lines.get(name) ?? name]);
  return `${[...rewritten, ...pending].join('\n')}\n`.replace(/^\n$/, '');
}
