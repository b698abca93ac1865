// SPDX-License-Identifier: MIT
import test, { type ExecutionContext } from 'ava';
import { compareExactly } from '../../../testbed/virtual-time/comparison/exact-comparison.js';
import { exactComparisonText } from '../../../testbed/virtual-time/comparison/exact-comparison-text.js';
import { keptRun, type Left, TRANSCRIPT } from './kept-run.js';

async function textOf(t: ExecutionContext, left: Left): Promise<string> {
  return exactComparisonText(await compareExactly(await keptRun(t), await keptRun(t, left)));
}

test('a cell that differs is shown with its inputs, where it parts, and its figures', async (t) => {
  const text = await textOf(t, {
    transcript: TRANSCRIPT.replace('Zm91bmQK', 'bG9zdAo='),
    report: { elapsedNanoseconds: 2_000_000_001 },
    counters: { jumps: 40 },
    inputs: { plan: 'f'.repeat(64) },
  });
  t.is(
    `${text}\n`,
    `a  20260101T000000Z-example-0123456
b  20260101T000000Z-example-0123456

elasticos/linear-search/32M/r1: different
  input plan: 3333333333333333, then ffffffffffffffff
  they part at 3.010000000 s, in the workload, on operator:
    a  3.010000000  "out 5 found\\n"
    b  3.010000000  "out 5 lost\\n"

  figure                                 a              b  b - a         %
  -------------------------  -------------  -------------  -----  --------
  time, ns                   2,000,000,000  2,000,000,001     +1   +5.0e-8
  jumps                                 50             40    -10  -20.0000
  pulls                              1,234          1,234      0    0.0000
  bytes on the wire              2,097,152      2,097,152      0    0.0000
  whole run, ns              4,000,000,000  4,000,000,000      0    0.0000
    boot                     1,000,000,000  1,000,000,000      0    0.0000
    set-up flow setup-dest     300,000,000    300,000,000      0    0.0000
    set-up flow setup-src      200,000,000    200,000,000      0    0.0000
    readings                 1,300,000,000  1,300,000,000      0    0.0000
    workload, with its fill  1,200,000,000  1,200,000,000      0    0.0000

0 of 1 cells are identical. In virtual time every difference is exact and has a cause.
`,
  );
});

test('an identical cell is one line', async (t) => {
  const text = await textOf(t, {});
  t.regex(
    text,
    /^elasticos\/linear-search\/32M\/r1: identical \([0-9a-f]{16}\)\n\n1 of 1 cells are identical/m,
  );
});

test('when no input differs and the cell does, it says that this should not be', async (t) => {
  t.regex(await textOf(t, { console: '' }), /no input differs, so they ought to be identical/);
});

test('a cell that is not ok says so in both runs', async (t) => {
  const [a, b] = [await keptRun(t), await keptRun(t, { console: '' })];
  const cells = b.cells.map(({ cell, result }) => ({
    cell,
    result: result && { ...result, status: 'failed' as const, reason: 'wrong checksum' },
  }));
  const text = exactComparisonText(await compareExactly(a, { ...b, cells }));
  t.regex(text, /^ {2}a is ok\n {2}b is failed: wrong checksum$/m);
});
