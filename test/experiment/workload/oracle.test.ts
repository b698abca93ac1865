// SPDX-License-Identifier: MIT
import test from 'ava';
import { answerTo } from '../../../testbed/experiment/workload/oracle/answer.js';
import { Fold } from '../../../testbed/experiment/workload/oracle/fold.js';
import { Random } from '../../../testbed/experiment/workload/oracle/random.js';
import { stableOrder } from '../../../testbed/experiment/workload/oracle/stable-order.js';
import { WORKLOAD_NAMES } from '../../../testbed/experiment/workload/workload.js';

test('the generator is seeded with the first outputs of splitmix64', (t) => {
  // For seed 1234567 those are 6457827717110365317 and 3203168211198807973, as on many pages about it; this is what
  // xoshiro128**, whose first output is rotl(s1 * 5, 7) * 9, makes of the high half of the first.
  const s1 = Number(6457827717110365317n >> 32n);
  const five = Math.imul(s1, 5);
  const first = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
  t.is(new Random(1234567n).word(), first);
});

test('filling many words gives the same as drawing them one by one', (t) => {
  const many = new Uint32Array(100);
  new Random(3n).fill(many, 0, 100);
  const random = new Random(3n);
  t.deepEqual(
    [...many],
    Array.from({ length: 100 }, () => random.word()),
  );
});

test('a number below a bound is the high half of an exact product', (t) => {
  for (const bound of [1, 2, 1000, 0x7fffffff, 0xffffffff]) {
    const words = new Random(9n);
    const numbers = new Random(9n);
    for (let i = 0; i < 100; i += 1) {
      t.is(numbers.below(bound), Number((BigInt(words.word()) * BigInt(bound)) >> 32n));
    }
  }
});

function folded(words: readonly number[]): string {
  const fold = new Fold();
  fold.words(Uint32Array.from(words));
  return fold.value();
}

test('the checksum depends on every word, on the order and on the length', (t) => {
  const words = Array.from({ length: 64 }, (_, index) => index * 0x1234567);
  const sums = new Set([folded(words), folded([...words, 0, 0]), folded(words.toReversed())]);
  for (let at = 0; at < words.length; at += 1) {
    sums.add(folded(words.with(at, (words[at] ?? 0) ^ 0x80000000)));
    if (at > 0) sums.add(folded(words.with(at, words[at - 1] ?? 0).with(at - 1, words[at] ?? 0)));
  }
  t.is(sums.size, 3 + 64 + 63);
});

test('records are ordered by all 32 bits of their keys, equals as they came', (t) => {
  t.deepEqual([...stableOrder(Uint32Array.of(7, 0xffffffff, 0, 7, 0x80000000, 0))], [2, 5, 0, 3, 4, 1]);
});

/** A change here means that results of earlier versions cannot be compared with new ones. */
const KNOWN: Readonly<Record<(typeof WORKLOAD_NAMES)[number], string>> = {
  'linear-search': '5b7e07ea52acb4fc',
  'depth-first-search': '098503a3e21bb2d7',
  dijkstra: 'e5f26fd5b69caecf',
  'heap-sort': 'fe64e96527efb34c',
  'block-sort': '5923aad341471966',
  'count-sort': 'b6533fa7ca916cb5',
};

for (const workload of WORKLOAD_NAMES) {
  test(`${workload}: 1 MiB of seed 1 has the checksum that it always had`, (t) => {
    t.is(answerTo({ workload, bytes: 1024 * 1024, seed: 1n }).checksum, KNOWN[workload]);
  });
}
