// SPDX-License-Identifier: MIT
import test from 'ava';
import { RunResults } from '../../../testbed/api/results/run-results.js';
import { RunNotFoundError } from '../../../testbed/experiment/result/errors.js';
import { writtenRun } from '../../experiment/result/written-run.js';

test('a run is ok when every cell of its plan is', async (t) => {
  const whole = new RunResults(await writtenRun(() => ({ seconds: 1 })));
  t.true(whole.ok);
  t.is(whole.counts.ok, whole.cells.length);
  const [first] = whole.cells;
  const broken = new RunResults(
    await writtenRun(({ id }) => (id === first?.cell.id ? undefined : { seconds: 1 })),
  );
  t.false(broken.ok);
  t.like(broken.counts, { missing: 1, ok: whole.cells.length - 1 });
});

test('what is left of a run is what has no record and what is in error, on its own line', async (t) => {
  const broken = ['local/heap-sort/128M/r2', 'nbd-swap/dijkstra/128M/r1'];
  const run = new RunResults(
    await writtenRun(({ id }) => {
      if (id === broken[0]) return undefined;
      return id === broken[1] ? { status: 'error' } : { status: 'failed', seconds: 1 };
    }),
  );
  const { cells, kernels, key } = run.rest;
  t.deepEqual(cells.map(({ id }) => id).sort(), broken);
  t.deepEqual(kernels, ['linux-6.1']);
  t.not(key, run.record.plan.key);
});

test('a cell is found by its id, and one that has no record is named', async (t) => {
  const run = new RunResults(await writtenRun(() => ({ seconds: 2 })));
  const id = run.cells[0]?.cell.id ?? '';
  t.is(run.cell(id).measurement?.report?.elapsedNanoseconds, 2e9);
  const error = t.throws(() => run.cell('local/none'), { instanceOf: RunNotFoundError });
  t.regex(error.message, /local\/none/);
});

test('a run can be read as figures, as a table, and in the formats of other tools', async (t) => {
  const run = new RunResults(await writtenRun(() => ({ seconds: 2 })));
  t.is(run.groups()[0]?.elapsed?.median, 2);
  t.regex(run.table(), /median s/);
  t.regex(run.tap(), /^1\.\.\d+$/m);
  t.regex(run.junit(), /<testsuite /);
  t.true(run.csv().split('\n').length > run.cells.length);
  t.is(run.compareWith(run)[0]?.ratio, 1);
  t.regex(run.comparisonTable(run), /b \/ a/);
});
