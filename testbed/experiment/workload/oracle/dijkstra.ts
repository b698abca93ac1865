// SPDX-License-Identifier: MIT
import type { Question } from './question.js';
import { stableOrder } from './stable-order.js';
import { wordAt } from './word-at.js';

/**
 * Distances by Bellman and Ford's rounds. The order in which Dijkstra's algorithm settles nodes follows from them,
 * since weights are positive: by distance, and by number where distances are equal.
 */
export function dijkstra({ bytes, passes, random, fold }: Question): number {
  const count = nodesIn(bytes);
  const weights = new Uint32Array(count * count);
  random.fill(weights, 0, weights.length);
  toWeights(weights, count);
  const sources = Array.from({ length: passes }, () => random.below(count));
  for (const source of sources) {
    const distances = distancesFrom(source, weights, count);
    for (const node of stableOrder(distances)) fold.words(weights, node * count, (node + 1) * count);
    distances.forEach((distance, node) => {
      fold.pair(node, distance);
    });
  }
  return bytesOf(count);
}

/** Per node a row of weights, a distance, and a byte that says whether it is settled. */
function bytesOf(count: number): number {
  return count * (4 * count + 4 + 1);
}

function nodesIn(bytes: number): number {
  let count = 2 * Math.floor(Math.sqrt(bytes / 4) / 2);
  while (bytesOf(count) > bytes) count -= 2;
  return count;
}

/** Makes weights of random words, in place. Edges: one in four, and always from a node to the next. */
function toWeights(words: Uint32Array, count: number): void {
  for (let from = 0; from < count; from += 1) {
    const next = (from + 1) % count;
    for (let to = 0; to < count; to += 1) {
      const word = wordAt(words, from * count + to);
      words[from * count + to] = word % 4 === 0 || to === next ? 1 + (word >>> 17) : 0;
    }
  }
}

function distancesFrom(source: number, weights: Uint32Array, count: number): Uint32Array {
  const distances = new Uint32Array(count).fill(0xffffffff);
  distances[source] = 0;
  let improved = new Set([source]);
  while (improved.size > 0) {
    const next = new Set<number>();
    for (const from of improved) {
      const row = from * count;
      const base = wordAt(distances, from);
      for (let to = 0; to < count; to += 1) {
        const weight = wordAt(weights, row + to);
        if (weight !== 0 && base + weight < wordAt(distances, to)) {
          distances[to] = base + weight;
          next.add(to);
        }
      }
    }
    improved = next;
  }
  return distances;
}
