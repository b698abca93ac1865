// SPDX-License-Identifier: MIT
import type { NodeMap } from './node-reading.js';

/** Where the pages of a stretched process are: its memory in equal pieces, in the order of addresses. */
export interface PageMap {
  /** Pages of a piece: a power of two. */
  readonly cellPages: number;
  /** Names of nodes, home first. */
  readonly nodes: readonly string[];
  readonly cells: readonly PageCell[];
}

export interface PageCell {
  /** Number of the first page: its address divided by the size of a page. */
  readonly page: number;
  /**
   * How many pages each node has, in the order of {@link PageMap.nodes}. What no node has was never written. The nodes
   * are not read at one instant, so a page on its way can be counted twice, or not at all.
   */
  readonly here: readonly number[];
}

/** What one node says of its part. */
export interface MapOfNode {
  readonly node: string;
  readonly map: NodeMap | undefined;
}

/** Adds up what the nodes say. One that says nothing keeps its place. Undefined when none says anything. */
export function addMaps(maps: readonly MapOfNode[]): PageMap | undefined {
  const cellPages = Math.max(...maps.map(({ map }) => map?.cellPages ?? 0));
  if (cellPages <= 0) return undefined;
  const cells = new Map<number, number[]>();
  for (const [index, { map }] of maps.entries()) {
    if (map === undefined) continue;
    const ratio = cellPages / map.cellPages;
    for (const { first, here } of map.areas)
      for (const [i, count] of here.entries()) {
        const cell = Math.floor((first + i) / ratio);
        const counts = cells.get(cell) ?? maps.map(() => 0);
        counts[index] = (counts[index] ?? 0) + count;
        cells.set(cell, counts);
      }
  }
  return {
    cellPages,
    nodes: maps.map(({ node }) => node),
    cells: [...cells].sort(([a], [b]) => a - b).map(([cell, here]) => ({ page: cell * cellPages, here })),
  };
}

/** How many pages each node has, in the order of {@link PageMap.nodes}. */
export function pagesByNode({ nodes, cells }: PageMap): readonly number[] {
  return nodes.map((_, index) => cells.reduce((sum, { here }) => sum + (here[index] ?? 0), 0));
}
