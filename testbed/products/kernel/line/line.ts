// SPDX-License-Identifier: MIT
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import type { Paths } from '../../../base/host/paths.js';
import type { DeepReadonly } from '../../../base/schema/deep-readonly.js';
import { schemaProblems } from '../../../base/schema/problems.js';
import { LineInvalidError, UnknownLineError } from './errors.js';
import type { LineId } from './kernel-product.js';
import type { LineFile } from './line.schema.js';

/** line.json of a kernel line; kernel-patches/line.schema.json says what each field means. */
export type LineDefinition = DeepReadonly<Omit<LineFile, '$schema'>>;

/** A tarball to download, with its hash. */
export type TarballSource = Extract<LineDefinition['source'], { readonly kind: 'tarball' }>;

/** A tarball in a Debian package, which apt has verified. */
export type DebianPackageSource = Extract<LineDefinition['source'], { readonly kind: 'debian-package' }>;

/** A kernel line: its definition and its folder, which has series, patches/, config and config.debug as well. */
export interface Line extends LineDefinition {
  readonly folder: string;
}

/** Names of all lines, sorted. */
export async function listLines(paths: Pick<Paths, 'project'>): Promise<readonly LineId[]> {
  const root = linesFolder(paths);
  const lines: LineId[] = [];
  for (const entry of await readdir(root, { withFileTypes: true })) {
    if (entry.isDirectory() && (await readdir(join(root, entry.name))).includes('line.json'))
      lines.push(entry.name);
  }
  return lines.sort();
}

/**
 * @throws UnknownLineError when there is no such folder
 * @throws LineInvalidError with everything that is wrong with its line.json at once
 */
export async function loadLine(paths: Pick<Paths, 'project'>, id: LineId): Promise<Line> {
  const known = await listLines(paths);
  if (!known.includes(id)) throw new UnknownLineError(id, known);
  const folder = join(linesFolder(paths), id);
  const file = join(folder, 'line.json');
  const text = await readFile(file, 'utf8');
  const definition = parse(file, text);
  await validate(paths, file, definition);
  const line = definition as LineDefinition;
  if (line.id !== id)
    throw new LineInvalidError(file, [`/id is "${line.id}", and must be the folder's name "${id}"`]);
  return { ...line, folder };
}

export function linesFolder(paths: Pick<Paths, 'project'>): string {
  return join(paths.project, 'kernel-patches');
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new LineInvalidError(file, [thrown instanceof Error ? thrown.message : String(thrown)]);
  }
}

async function validate(paths: Pick<Paths, 'project'>, file: string, definition: unknown): Promise<void> {
  const schema = await readFile(join(linesFolder(paths), 'line.schema.json'), 'utf8');
  const check = new Ajv({ allErrors: true, verbose: true }).compile(JSON.parse(schema) as object);
  if (!check(definition)) throw new LineInvalidError(file, schemaProblems(check.errors ?? []));
}
