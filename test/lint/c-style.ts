// SPDX-License-Identifier: MIT
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { ProgramMissingError } from '../../testbed/base/process/errors.js';
import type { ProcessRunner } from '../../testbed/base/process/process-runner.js';

/** Where C that runs in user space lives. The kernel's own C is judged by checkpatch. */
const FOLDERS = ['guests', 'test', 'testbed'] as const;

/** Versions of clang-format differ in details, so one is the judge: Debian 12's. */
export const CLANG_FORMAT_MAJOR = 14;

/** Columns of a line, with tabs of eight. */
const COLUMNS = 80;

/** What was found. `skipped` says why nothing could be checked. */
export type StyleVerdict =
  { readonly skipped: string } | { readonly files: number; readonly faults: readonly string[] };

/** Every C file of the project that runs in user space, sorted. Links are left out: what they point to has a home elsewhere. */
export async function userSpaceFiles(project: string): Promise<readonly string[]> {
  const folders = await Promise.all(
    FOLDERS.map((folder) => readdir(join(project, folder), { recursive: true, withFileTypes: true })),
  );
  return folders
    .flat()
    .filter((entry) => entry.isFile() && /\.[ch]$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/**
 * Holds user-space C to `.clang-format`, and to 80 columns. clang-format leaves comments as they are; only a string may
 * make a line longer, since one that is broken cannot be searched for.
 */
export async function checkStyle(
  processes: Pick<ProcessRunner, 'run'>,
  project: string,
): Promise<StyleVerdict> {
  const version = await clangFormatVersion(processes);
  if (version !== CLANG_FORMAT_MAJOR) {
    const found = version === undefined ? '' : `, there is ${version}`;
    return {
      skipped: `clang-format ${CLANG_FORMAT_MAJOR} is not installed${found} (Debian's package is clang-format)`,
    };
  }
  const files = await userSpaceFiles(project);
  const { stderr } = await processes.run(['clang-format', '--dry-run', ...files]);
  const misformatted = stderr
    .split('\n')
    .filter((line) => line.includes('clang-format-violations'))
    .map((line) => line.replace(`${project}/`, '').replace(/warning: .*/, 'not formatted'));
  const long = await Promise.all(files.map((file) => longLines(project, file)));
  return { files: files.length, faults: [...misformatted, ...long.flat()] };
}

/** Formats every file in place. */
export async function formatInPlace(
  processes: Pick<ProcessRunner, 'succeed'>,
  project: string,
): Promise<void> {
  await processes.succeed(['clang-format', '-i', ...(await userSpaceFiles(project))]);
}

/** Its major version; undefined when it is not installed. */
async function clangFormatVersion(processes: Pick<ProcessRunner, 'run'>): Promise<number | undefined> {
  try {
    const { stdout } = await processes.run(['clang-format', '--version']);
    return Number(/version (\d+)/.exec(stdout)?.[1]);
  } catch (thrown) {
    if (thrown instanceof ProgramMissingError) return undefined;
    throw thrown;
  }
}

async function longLines(project: string, file: string): Promise<readonly string[]> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  return lines.flatMap((line, index) =>
    columns(line) > COLUMNS && !line.includes('"')
      ? [`${relative(project, file)}:${index + 1}: ${columns(line)} columns`]
      : [],
  );
}

function columns(line: string): number {
  let column = 0;
  for (const letter of line) column += letter === '\t' ? 8 - (column % 8) : 1;
  return column;
}
