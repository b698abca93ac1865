// SPDX-License-Identifier: MIT
import type { Question } from './question.js';
import { wordAt } from './word-at.js';

const NODE_WORDS = 16;
const KEY = 0;
const CHILD = 2;
const SIBLING = 3;
const PAYLOAD = 4;
const BRANCH_MINIMUM = 512;
const BRANCH_SPREAD = 1024;
const NONE = 0xffffffff;

/** A tree without its bytes: node 0 is the root, and parents have lower numbers than their children. */
interface Shape {
  readonly parents: Uint32Array;
  /** Nodes that begin a branch, without the root; all others are their parent's oldest child. */
  readonly heads: readonly number[];
}

/**
 * Computed without a walk: a node's place in pre-order follows from the sizes of the subtrees that come before it.
 */
export function depthFirstSearch({ bytes, passes, random, fold }: Question): number {
  const count = nodesIn(bytes);
  const words = new Uint32Array(count * NODE_WORDS);
  const shape = grow(words, count, random);
  link(words, shape);
  const wanted = Array.from({ length: passes }, () => random.below(count));
  const places = preorder(shape);
  const order = new Uint32Array(count);
  places.forEach((place, node) => {
    order[place] = node;
  });
  for (const origin of wanted) {
    order.forEach((node, place) => {
      const start = node * NODE_WORDS;
      fold.words(words, start, start + NODE_WORDS);
      if (sameKey(words, node, origin)) fold.pair(place, node);
    });
  }
  return bytesOf(count);
}

function bytesOf(count: number): number {
  return count * NODE_WORDS * 4 + (Math.floor(count / BRANCH_MINIMUM) + 3) * 4;
}

/** The most that fit: 512 nodes come with 4 bytes of stack, and 12 bytes are always there. */
function nodesIn(bytes: number): number {
  let count = Math.floor((bytes - 12) / (NODE_WORDS * 4 + 4 / BRANCH_MINIMUM));
  while (bytesOf(count + 1) <= bytes) count += 1;
  return count;
}

function grow(words: Uint32Array, count: number, random: Question['random']): Shape {
  const parents = new Uint32Array(count);
  const heads: number[] = [];
  let end = 0;
  for (let node = 0; node < count; node += 1) {
    parents[node] = node - 1;
    if (node === end) {
      end += BRANCH_MINIMUM + random.below(BRANCH_SPREAD);
      if (node > 0) {
        parents[node] = random.below(node);
        heads.push(node);
      }
    }
    const start = node * NODE_WORDS;
    random.fill(words, start + KEY, start + KEY + 2);
    random.fill(words, start + PAYLOAD, start + NODE_WORDS);
  }
  return { parents, heads };
}

/** A node names its youngest child and its next older sibling. */
function link(words: Uint32Array, { parents, heads }: Shape): void {
  const count = parents.length;
  const isHead = new Set(heads);
  for (let node = 0; node < count; node += 1) {
    const continues = node + 1 < count && !isHead.has(node + 1);
    words[node * NODE_WORDS + CHILD] = continues ? node + 1 : NONE;
    words[node * NODE_WORDS + SIBLING] = NONE;
  }
  for (const head of heads) {
    const youngest = wordAt(parents, head) * NODE_WORDS + CHILD;
    words[head * NODE_WORDS + SIBLING] = wordAt(words, youngest);
    words[youngest] = head;
  }
}

function preorder({ parents, heads }: Shape): Uint32Array {
  const count = parents.length;
  const sizes = subtreeSizes(parents);
  // Nodes that come between a parent and its child: the subtrees of the child's younger siblings.
  const between = new Uint32Array(count);
  const taken = new Uint32Array(count);
  for (const head of heads.toReversed()) {
    const parent = wordAt(parents, head);
    between[head] = wordAt(taken, parent);
    taken[parent] = wordAt(taken, parent) + wordAt(sizes, head);
  }
  const isHead = new Set(heads);
  const places = new Uint32Array(count);
  for (let node = 1; node < count; node += 1) {
    const parent = wordAt(parents, node);
    const before = isHead.has(node) ? wordAt(between, node) : wordAt(taken, parent);
    places[node] = wordAt(places, parent) + 1 + before;
  }
  return places;
}

function subtreeSizes(parents: Uint32Array): Uint32Array {
  const sizes = new Uint32Array(parents.length).fill(1);
  for (let node = parents.length - 1; node > 0; node -= 1) {
    const parent = wordAt(parents, node);
    sizes[parent] = wordAt(sizes, parent) + wordAt(sizes, node);
  }
  return sizes;
}

function sameKey(words: Uint32Array, one: number, other: number): boolean {
  const [x, y] = [one * NODE_WORDS + KEY, other * NODE_WORDS + KEY];
  return words[x] === words[y] && words[x + 1] === words[y + 1];
}
