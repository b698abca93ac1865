// SPDX-License-Identifier: MIT
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../../testbed/base/host/paths.js';
import type { Finished } from '../../../testbed/base/process/process-runner.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';

/** Programs of a folder of guests/, built for this host. */
export interface BuiltPrograms extends AsyncDisposable {
  readonly folder: string;
  run(program: string, ...options: readonly string[]): Promise<Finished>;
}

/**
 * @param targets make's, with the folder before those that are files in it
 * @param name of the folder of guests/
 */
export async function buildPrograms(
  targets: (folder: string) => readonly string[],
  name = 'workloads',
): Promise<BuiltPrograms> {
  const folder = await mkdtemp(join(tmpdir(), `testbed-${name}-`));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await systemProcesses.succeed([
      'make',
      '-C',
      join(projectRoot(), 'guests', name),
      `O=${folder}`,
      ...targets(folder),
    ]);
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
