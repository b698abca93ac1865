// SPDX-License-Identifier: MIT
import type { Paths } from '../../base/host/paths.js';
import type { RunResults } from './run-results.js';

/** All runs that were kept. */
export class Results {
  readonly #paths: Pick<Paths, 'results'>;

  /** @internal */
  constructor(paths: Pick<Paths, 'results'>) {
    this.#paths = paths;
  }

  /** A folder for each run. */
  get folder(): string {
    return this.#paths.results;
  }

  /** Ids of all runs, oldest first. */
  async list(): Promise<readonly string[]> {
    const { listRuns } = await import('../../experiment/result/load-run.js');
    return await listRuns(this.#paths);
  }

  /**
   * Reads a run: `latest`, an id, a part of one that no other has, or the path of its folder.
   * @throws RunNotFoundError
   * @throws ResultInvalidError when a file of it is not what its schema says
   */
  async open(run = 'latest'): Promise<RunResults> {
    const { loadRun } = await import('../../experiment/result/load-run.js');
    const { RunResults: Read } = await import('./run-results.js');
    return new Read(await loadRun(this.#paths, run));
  }
}
