// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CellRecord } from '../experiment/result/cell-record.js';
import type { Run } from '../experiment/result/load-run.js';
import type { Evidence } from './digest.js';

/** The files that a run keeps of a cell. Undefined when the cell has none, because its guests could not be started. */
export function evidenceOf(
  { folder }: Pick<Run, 'folder'>,
  { consoles, virtualTime }: Pick<CellRecord, 'consoles' | 'virtualTime'>,
): Evidence | undefined {
  if (virtualTime === undefined) return undefined;
  const { transcript, capture } = virtualTime;
  return {
    consoles: consoles.map((path) => ({
      name: path.slice(path.lastIndexOf('/') + 1, -'.log'.length),
      path: join(folder, path),
    })),
    transcript: join(folder, transcript),
    ...(capture === undefined ? {} : { capture: join(folder, capture) }),
  };
}

/** Those of the files that are not there any more. */
export function missingFiles({ consoles, transcript, capture }: Evidence): readonly string[] {
  const files = [
    ...consoles.map(({ path }) => path),
    transcript,
    ...(capture === undefined ? [] : [capture]),
  ];
  return files.filter((path) => !existsSync(path));
}
