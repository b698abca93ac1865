// SPDX-License-Identifier: MIT
import { findWorkload, type WorkloadName, type WorkloadRun } from '../workload.js';
import { blockSort } from './block-sort.js';
import { countSort } from './count-sort.js';
import { depthFirstSearch } from './depth-first-search.js';
import { dijkstra } from './dijkstra.js';
import { Fold } from './fold.js';
import { heapSort } from './heap-sort.js';
import { linearSearch } from './linear-search.js';
import type { Oracle } from './question.js';
import { Random } from './random.js';

const oracles: Readonly<Record<WorkloadName, Oracle>> = {
  'linear-search': linearSearch,
  'depth-first-search': depthFirstSearch,
  dijkstra,
  'heap-sort': heapSort,
  'block-sort': blockSort,
  'count-sort': countSort,
};

/** Computes the answer in this process. {@link expectedChecksum} does it in a process of its own. */
export function answerTo(run: WorkloadRun): { checksum: string; bytesTouched: number } {
  const fold = new Fold();
  const bytesTouched = oracles[run.workload]({
    bytes: run.bytes,
    passes: findWorkload(run.workload).passes,
    random: new Random(run.seed),
    fold,
  });
  return { checksum: fold.value(), bytesTouched };
}
