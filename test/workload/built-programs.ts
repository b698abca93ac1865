// SPDX-License-Identifier: MIT
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../testbed/host/paths.js';
import type { Finished } from '../../testbed/process/process-runner.js';
import { systemProcesses } from '../../testbed/process/system-processes.js';

const SOURCE = join(projectRoot(), 'guests', 'workloads');

/** The programs of guests/workloads, built for this host. */
export interface BuiltPrograms extends AsyncDisposable {
  readonly folder: string;
  run(program: string, ...options: readonly string[]): Promise<Finished>;
}

/** @param targets make's, with the folder before those that are files in it */
export async function buildPrograms(targets: (folder: string) => readonly string[]): Promise<BuiltPrograms> {
  const folder = await mkdtemp(join(tmpdir(), 'testbed-workload-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await systemProcesses.succeed(['make', '-C', SOURCE, `O=${folder}`, ...targets(folder)]);
  } catch (thrown) {
    await remove();
    throw thrown;
  }
  return {
    folder,
    run: (program, ...options) => systemProcesses.run([join(folder, program), ...options]),
    [Symbol.asyncDispose]: remove,
  };
}
