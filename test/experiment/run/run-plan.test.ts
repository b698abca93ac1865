// SPDX-License-Identifier: MIT
import test, { type ExecutionContext } from 'ava';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';
import type { Machines } from '../../../testbed/experiment/run/machines.js';
import { runPlan, type RunOutcome } from '../../../testbed/experiment/run/run-plan.js';
import { GuestDiedError, QemuMissingError } from '../../../testbed/machines/node/errors.js';
import type { CellRecord } from '../../../testbed/experiment/result/cell-record.js';
import { loadRun } from '../../../testbed/experiment/result/load-run.js';
import { RunFolder } from '../../../testbed/experiment/result/run-folder.js';
import type { Cell, Plan } from '../../../testbed/experiment/scenario/plan.js';
import { EXAMPLE_PRODUCTS, exampleContext, examplePlan } from './example-run.js';
import { type Behaviour, InMemoryMachines, RIGHT } from './in-memory-machines.js';

interface Finished {
  readonly outcome: RunOutcome;
  readonly records: readonly CellRecord[];
  readonly store: RunFolder;
}

/** Runs a plan from its beginning, or on in `store`. */
async function run(
  t: ExecutionContext,
  machines: InMemoryMachines,
  { plan, store }: { readonly plan?: Plan; readonly store?: RunFolder } = {},
): Promise<Finished> {
  const context = await exampleContext(t);
  const what = plan ?? (await examplePlan());
  const where = store ?? (await RunFolder.create(context, { plan: what, products: EXAMPLE_PRODUCTS }));
  const outcome = await runPlan(context, what, { machines, oracle, store: where });
  return { outcome, records: await where.cells(), store: where };
}

const oracle = ({ bytes }: { bytes: number }): Promise<{ checksum: string; bytesTouched: number }> =>
  Promise.resolve({ checksum: RIGHT, bytesTouched: bytes });

/** One nbd-swap cell of a guest that behaves so. */
async function recordOf(t: ExecutionContext, behaviour: Behaviour, fields: object = {}): Promise<CellRecord> {
  const plan = await examplePlan({ systems: ['nbd-swap'], workloads: ['heap-sort'], repeats: 1, ...fields });
  const { records } = await run(t, new InMemoryMachines(() => behaviour), { plan });
  const [record] = records;
  if (record === undefined) throw new Error('the cell has no record');
  return record;
}

test('every cell is run once, in order, never two at a time, and its machines are ended', async (t) => {
  const machines = new InMemoryMachines();
  const plan = await examplePlan();
  const { outcome, records } = await run(t, machines, { plan });
  t.deepEqual(
    machines.booted,
    plan.cells.map(({ id }) => id),
  );
  t.deepEqual(outcome.counts, { ok: 8, failed: 0, invalid: 0, error: 0 });
  t.is(records.length, 8);
  t.is(machines.mostUp, 1);
  t.is(machines.up, 0);
});

test('a record says what was measured, and its console is kept', async (t) => {
  const { records, store } = await run(t, new InMemoryMachines());
  const record = records.find(({ id }) => id === 'nbd-swap/heap-sort/128M/r1');
  t.like(record, {
    system: 'nbd-swap',
    workload: 'heap-sort',
    status: 'ok',
    machines: { accelerator: 'memory', nodes: [{ name: 'node1', role: 'compute' }] },
    flows: [{ name: 'nbd-setup', environment: { EOS_PAGE_CLUSTER: '0' } }],
    measurement: {
      end: { how: 'exit', code: 0 },
      report: { checksum: RIGHT, elapsedNanoseconds: 5e8 },
      process: { majorFaults: 1e6, peakResidentBytes: 64 * 2 ** 20 },
    },
    consoles: ['consoles/nbd-swap/heap-sort/128M/r1/node1.log'],
  });
  const console = await readFile(join(store.folder, record?.consoles[0] ?? ''), 'utf8');
  t.is(console, 'console of nbd-swap/heap-sort/128M/r1\n');
  t.false(existsSync(join(store.folder, '.scratch')));
});

test('a wrong checksum is a failed cell, whatever its time', async (t) => {
  const { status, reason } = await recordOf(t, { checksum: 'f'.repeat(16) });
  t.is(status, 'failed');
  t.is(reason, `wrong checksum: ffffffffffffffff, and ${RIGHT} is right`);
});

test('a swapping cell that did not swap is invalid', async (t) => {
  const { status, reason } = await recordOf(t, { majorFaults: 10 });
  t.is(status, 'invalid');
  t.is(
    reason,
    'no pressure: 10 major faults can have fetched 40.0 KiB, and 64.0 MiB did not fit into memory',
  );
});

test('a guest whose clock counts seconds that are none makes its cell invalid', async (t) => {
  const { status, reason } = await recordOf(t, { clockJump: 100 });
  t.is(status, 'invalid');
  t.regex(reason ?? '', /^the guest's clock is fast: it counted 100\.\d+ s while/);
});

test('a QEMU that was stopped while the workload ran makes its cell invalid', async (t) => {
  await using machine = await systemProcesses.start(['sleep', '1000'], { orphan: 'dies' });
  machine.kill('SIGSTOP');
  const { status, reason } = await recordOf(t, { pid: machine.pid, takesMs: 1_000 });
  machine.kill('SIGCONT');
  t.is(status, 'invalid');
  t.is(reason, 'the QEMU of node1 was stopped');
});

test('a workload that the OOM killer ended is reported as such', async (t) => {
  const { status, reason } = await recordOf(t, { signal: 9, oomVictim: 'heap-sort' });
  t.is(status, 'failed');
  t.is(reason, 'workload out of memory: the OOM killer ended it (pid 42 on node1)');
});

test('a workload that was killed otherwise is told by its signal', async (t) => {
  t.is((await recordOf(t, { signal: 11 })).reason, 'the workload was ended by signal 11');
});

test('a workload that does not end before its deadline has failed', async (t) => {
  const { status, reason } = await recordOf(t, { endless: true }, { deadline: '20ms' });
  t.is(status, 'failed');
  t.regex(reason ?? '', /^the workload did not end within [0-9.]+ s$/);
});

test('a guest that dies is an error with its last lines, and the run goes on', async (t) => {
  const death = new GuestDiedError(
    'node1',
    { kind: 'panic', line: 'Kernel panic - not syncing' },
    { excerpt: ['the last line'] },
  );
  const dies = ({ id }: Cell): Behaviour =>
    id === 'nbd-swap/dijkstra/128M/r1' ? { bootFailure: death } : {};
  const { outcome, records } = await run(t, new InMemoryMachines(dies));
  t.deepEqual(outcome.counts, { ok: 7, failed: 0, invalid: 0, error: 1 });
  const record = records.find(({ status }) => status === 'error');
  t.like(record, {
    id: 'nbd-swap/dijkstra/128M/r1',
    reason: 'node1 died: panic (Kernel panic - not syncing)',
    error: { code: 'E_GUEST_DIED', excerpt: ['the last line'] },
    flows: [],
    consoles: ['consoles/nbd-swap/dijkstra/128M/r1/node1.log'],
  });
});

test('a resumed run keeps what has ended, and does again what ended in error', async (t) => {
  const broken = new Error('nobody knows why');
  const first = await run(
    t,
    new InMemoryMachines(({ id }) => {
      if (id === 'local/dijkstra/128M/r1') return { bootFailure: broken };
      return id === 'nbd-swap/heap-sort/128M/r1' ? { checksum: 'f'.repeat(16) } : {};
    }),
  );
  t.deepEqual(first.outcome.counts, { ok: 6, failed: 1, invalid: 0, error: 1 });
  const machines = new InMemoryMachines();
  const second = await run(t, machines, { store: await RunFolder.open(first.store.folder) });
  t.deepEqual(machines.booted, ['local/dijkstra/128M/r1']);
  t.deepEqual(second.outcome.counts, { ok: 7, failed: 1, invalid: 0, error: 0 });
});

test('an interrupted run has kept its finished cells; the one under way leaves nothing', async (t) => {
  const interrupt = new AbortController();
  const context = await exampleContext(t, interrupt);
  const plan = await examplePlan();
  const store = await RunFolder.create(context, { plan, products: EXAMPLE_PRODUCTS });
  const machines = new InMemoryMachines(({ id }) => {
    if (id !== 'local/dijkstra/128M/r1') return {};
    setImmediate(() => {
      interrupt.abort(new Error('Ctrl-C'));
    });
    return { endless: true };
  });
  await t.throwsAsync(runPlan(context, plan, { machines, oracle, store }), { message: 'Ctrl-C' });
  t.is(machines.up, 0);
  t.false(existsSync(join(store.folder, '.scratch')));
  const { cells } = await loadRun(context.paths, 'latest');
  t.deepEqual(
    cells.map(({ result }) => result?.status),
    ['ok', 'ok', undefined, undefined, undefined, undefined, undefined, undefined],
  );
});

test('a host on which no cell can run ends the run at the first', async (t) => {
  const machines = new InMemoryMachines(() => ({ bootFailure: new QemuMissingError('no such file') }));
  await t.throwsAsync(run(t, machines), { message: /^the run was ended at local\/heap-sort\/128M\/r1: / });
  t.is(machines.booted.length, 1);
});

test('a notice that every cell repeats is told once', async (t) => {
  const context = await exampleContext(t);
  const plan = await examplePlan();
  const guests = new InMemoryMachines();
  const machines: Machines = {
    explain: guests.explain,
    boot: async (inner, cell, folder) => {
      inner.events({ type: 'notice', at: 0, level: 'warning', text: 'no sch_netem' });
      return guests.boot(inner, cell, folder);
    },
  };
  const store = await RunFolder.create(context, { plan, products: EXAMPLE_PRODUCTS });
  await runPlan(context, plan, { machines, oracle, store });
  t.is(context.seen.filter(({ type }) => type === 'notice').length, 1);
  t.is(context.seen.filter(({ type }) => type === 'cell-finished').length, 8);
});
