// SPDX-License-Identifier: MIT
import { FootprintError, UnknownWorkloadError } from './errors.js';

/** The programs of guests/workloads, in the order in which tables show them. */
export const WORKLOAD_NAMES = [
  'linear-search',
  'depth-first-search',
  'dijkstra',
  'heap-sort',
  'block-sort',
  'count-sort',
] as const;

export type WorkloadName = (typeof WORKLOAD_NAMES)[number];

/** The fixed facts about a workload. */
export interface Workload {
  readonly name: WorkloadName;
  /** Shown in tables and trees. */
  readonly title: string;
  /** One sentence: what the measured phase does. */
  readonly description: string;
  /** How often the algorithm runs within the measured phase; fixed, and checked against the program's report. */
  readonly passes: number;
  readonly minimumBytes: number;
  readonly maximumBytes: number;
}

/** One run of a workload; together with the program's source this determines the checksum. */
export interface WorkloadRun {
  readonly workload: WorkloadName;
  /** Footprint: the data structures take this many bytes, or a few less. */
  readonly bytes: number;
  /** From 0 to 2^64 - 1. */
  readonly seed: bigint;
}

const MINIMUM_BYTES = 64 * 1024;
const MAXIMUM_BYTES = 16 * 1024 ** 3;

const registry: Readonly<Record<WorkloadName, Pick<Workload, 'title' | 'description' | 'passes'>>> = {
  'linear-search': {
    title: 'Linear search',
    description: 'Looks through an unordered array of 64-bit integers, from end to end.',
    passes: 6,
  },
  'depth-first-search': {
    title: 'Depth-first search',
    description:
      'Walks a random tree in pre-order; branches lie together in memory, but apart from each other.',
    passes: 6,
  },
  dijkstra: {
    title: 'Dijkstra',
    description:
      'Finds the shortest paths from one node of a dense graph; rows of its matrix come in random order.',
    passes: 4,
  },
  'heap-sort': {
    title: 'Heap sort',
    description: 'Sorts records with a binary heap: from the root to a random leaf, again and again.',
    passes: 1,
  },
  'block-sort': {
    title: 'Block sort',
    description: 'Sorts records in place and stably by merging blocks.',
    passes: 1,
  },
  'count-sort': {
    title: 'Count sort',
    description: 'Sorts records from one array into another: read in order, written in a thousand places.',
    passes: 3,
  },
};

export const workloads: readonly Workload[] = WORKLOAD_NAMES.map((name) => ({
  name,
  ...registry[name],
  minimumBytes: MINIMUM_BYTES,
  maximumBytes: MAXIMUM_BYTES,
}));

/** @throws UnknownWorkloadError */
export function findWorkload(name: string): Workload {
  const found = workloads.find((workload) => workload.name === name);
  if (found === undefined) throw new UnknownWorkloadError(name, WORKLOAD_NAMES);
  return found;
}

/** @throws FootprintError when the program would refuse it */
export function checkFootprint(workload: Workload, bytes: number): void {
  if (Number.isSafeInteger(bytes) && bytes >= workload.minimumBytes && bytes <= workload.maximumBytes) return;
  throw new FootprintError(workload.name, bytes, workload.minimumBytes, workload.maximumBytes);
}
