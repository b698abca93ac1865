// SPDX-License-Identifier: MIT
import test from 'ava';
import { csvOf } from '../../../testbed/experiment/result/csv.js';
import { junitOf } from '../../../testbed/experiment/result/junit.js';
import type { Run } from '../../../testbed/experiment/result/load-run.js';
import { tapOf } from '../../../testbed/experiment/result/tap.js';
import { type Outcome, writtenRun } from './written-run.js';

/** One cell of each kind: ok, failed, invalid, in error, not run. */
async function fiveCells(): Promise<Run> {
  const outcomes: readonly (Outcome | undefined)[] = [
    { seconds: 2 },
    { seconds: 2, status: 'failed', reason: 'wrong checksum: <1>, and "2" is right' },
    { seconds: 2, status: 'invalid', reason: 'no pressure', noisy: true },
    {
      status: 'error',
      reason: 'node1 died',
      error: {
        code: 'E_GUEST_DIED',
        exitCode: 8,
        message: 'node1 died',
        nextStep: '',
        excerpt: ['Call Trace:', ' [<ffffffff8126cb5d>] \u001b[1mpanic\u001b[0m'],
      },
    },
    undefined,
  ];
  const one = { systems: ['local'], workloads: ['heap-sort'], repeats: 5 };
  return await writtenRun(({ repeat }) => outcomes[repeat - 1], one);
}

test('TAP: a test point for each cell; what was not run is not ok', async (t) => {
  t.is(
    tapOf(await fiveCells()),
    `TAP version 14
1..5
ok 1 - local/heap-sort/128M/r1
  ---
  status: "ok"
  elapsed_ns: 2000000000
  noisy: false
  ...
not ok 2 - local/heap-sort/128M/r2
  ---
  status: "failed"
  reason: "wrong checksum: <1>, and \\"2\\" is right"
  elapsed_ns: 2000000000
  noisy: false
  console1: "consoles/local/heap-sort/128M/r2/node1.log"
  ...
not ok 3 - local/heap-sort/128M/r3
  ---
  status: "invalid"
  reason: "no pressure"
  elapsed_ns: 2000000000
  noisy: true
  console1: "consoles/local/heap-sort/128M/r3/node1.log"
  ...
not ok 4 - local/heap-sort/128M/r4
  ---
  status: "error"
  reason: "node1 died"
  console1: "consoles/local/heap-sort/128M/r4/node1.log"
  ...
not ok 5 - local/heap-sort/128M/r5
  ---
  status: "missing"
  ...
`,
  );
});

test('JUnit: failed and invalid cells are failures, the rest that is not ok is an error', async (t) => {
  t.is(
    junitOf(await fiveCells()),
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="example" tests="5" failures="2" errors="2" time="40.000">
  <testsuite name="example" tests="5" failures="2" errors="2" time="40.000" timestamp="2026-01-01T00:00:00" hostname="6.1.0-example">
    <testcase classname="example.local.heap-sort" name="local/heap-sort/128M/r1" time="10.000"/>
    <testcase classname="example.local.heap-sort" name="local/heap-sort/128M/r2" time="10.000">
      <failure message="wrong checksum: &lt;1&gt;, and &quot;2&quot; is right" type="failed">consoles/local/heap-sort/128M/r2/node1.log</failure>
    </testcase>
    <testcase classname="example.local.heap-sort" name="local/heap-sort/128M/r3" time="10.000">
      <failure message="no pressure" type="invalid">consoles/local/heap-sort/128M/r3/node1.log</failure>
    </testcase>
    <testcase classname="example.local.heap-sort" name="local/heap-sort/128M/r4" time="10.000">
      <error message="node1 died" type="E_GUEST_DIED">Call Trace:
 [&lt;ffffffff8126cb5d&gt;] \ufffd[1mpanic\ufffd[0m
consoles/local/heap-sort/128M/r4/node1.log</error>
    </testcase>
    <testcase classname="example.local.heap-sort" name="local/heap-sort/128M/r5" time="0.000">
      <error message="not run" type="missing"></error>
    </testcase>
  </testsuite>
</testsuites>
`,
  );
});

test('CSV: a row for each cell, and an empty field where there is no figure', async (t) => {
  const [heading = '', ...rows] = csvOf(await fiveCells())
    .trimEnd()
    .split('\r\n');
  const columns = heading.split(',');
  t.is(rows.length, 5);
  const [first = '', second = '', , , last = ''] = rows;
  const field = (row: string, column: string): string | undefined => row.split(',')[columns.indexOf(column)];
  t.is(field(first, 'cell'), 'local/heap-sort/128M/r1');
  t.is(field(first, 'elapsed_ns'), '2000000000');
  t.is(field(first, 'major_faults'), '2000');
  t.true(second.includes('"wrong checksum: <1>, and ""2"" is right"'));
  t.is(field(last, 'status'), 'missing');
  t.is(field(last, 'elapsed_ns'), '');
});
