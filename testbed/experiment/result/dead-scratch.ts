// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../../base/host/context.js';
import { BusyError } from '../../base/host/errors.js';
import { withLock } from '../../base/host/lock.js';
import { listRuns } from './load-run.js';
import { runLock, SCRATCH } from './run-folder.js';

/** Removes the files of machines that runs have left which were killed. Nothing is done to a run that goes on. */
export async function clearDeadScratch(context: Context): Promise<void> {
  for (const id of await listRuns(context.paths)) {
    const folder = join(context.paths.results, id);
    const scratch = join(folder, SCRATCH);
    if (!existsSync(scratch)) continue;
    try {
      await withLock(context, runLock(folder), { wait: 'refuse', purpose: `clearing ${id}` }, async () => {
        await rm(scratch, { recursive: true, force: true });
      });
    } catch (thrown) {
      if (!(thrown instanceof BusyError)) throw thrown;
    }
  }
}
