// SPDX-License-Identifier: MIT
import test from 'ava';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { systemPaths } from '../../testbed/base/host/paths.js';
import { parseScenario } from '../../testbed/experiment/scenario/load-scenario.js';
import { type Cell, planScenario } from '../../testbed/experiment/scenario/plan.js';
import { NotPlannedError } from '../../testbed/virtual-time/errors.js';
import { planCell, planFiles, type PlannedStep } from '../../testbed/virtual-time/operator-plan.js';
import { PlayedCluster } from '../../testbed/virtual-time/played-cluster.js';
import { withSeeds } from '../../testbed/virtual-time/reseeded.js';
import type { StepTranscript } from '../../testbed/virtual-time/transcript.js';
import type { Faults } from '../../testbed/machines/cluster/virtual-time.js';
import { testContext } from '../products/image/test-context.js';

const paths = systemPaths();

async function cells(): Promise<readonly Cell[]> {
  const text = JSON.stringify({
    name: 'x',
    time: 'virtual',
    memory: { computeNode: '96M' },
    systems: ['nbd-swap'],
    workloads: ['heap-sort'],
    footprints: ['96M'],
    repeats: 1,
  });
  return planScenario(await parseScenario({ paths }, 'x.json', text)).cells;
}

async function plan(): Promise<readonly PlannedStep[]> {
  const [cell] = await cells();
  if (cell === undefined) throw new Error('the scenario has a cell');
  return await planCell(paths, cell);
}

test('a cell is planned to its end: flows on their nodes, then the measurement on node1', async (t) => {
  const steps = await plan();
  t.deepEqual(
    steps.map(({ node, argv }) => [node, argv.at(-1)]),
    [
      ['node2', 'memory-node'],
      ['node1', 'compute-node'],
      ['node1', 'count=1'],
      ['node1', '/proc/vmstat'],
      ['node1', '1'],
      ['node1', '/run/workload-usage'],
      ['node1', '/proc/vmstat'],
    ],
  );
  t.is(steps[0]?.env['EOS_REMOTE_MACHINE'], '10.77.0.1');
  t.deepEqual([...new Set(steps.slice(0, 2).map(({ onFailure }) => onFailure))], ['stop']);
});

test('the plan is files that the operator reads in order', async (t) => {
  const files = planFiles(['node1', 'node2'], await plan());
  const [nodes, step, command] = files;
  t.is(nodes?.content, 'node1\nnode2\n');
  t.is(step?.path, 'etc/testbed/plan-001.step');
  t.regex(String(step?.content), /^node='node2'\ndelay='0'\ndeadline='60'\non_failure='stop'\n$/);
  t.regex(String(command?.content), /exec setsid -- '\/usr\/lib\/testbed\/nbd-setup\.sh' 'memory-node'$/);
});

test('each seed has its cells, and they say so', async (t) => {
  const seeded = withSeeds(await cells(), 3, 5);
  t.deepEqual(
    seeded.map(({ id, shape }) => [id.split('/').at(-1), shape.virtualTime?.seed]),
    [
      ['time3', 3],
      ['time4', 4],
      ['time5', 5],
    ],
  );
});

/** Machines that have run a plan of two commands. */
function played(
  transcript: readonly Partial<StepTranscript>[],
  { failure, crashes = [] }: { readonly failure?: Error; readonly crashes?: Faults['crashes'] } = {},
): PlayedCluster {
  const step = { node: 'node1', env: {}, delayMs: 0, deadlineMs: 1000, onFailure: 'go-on' } as const;
  const moment = { atNs: 0, traffic: [] };
  const spec = { name: 'node1', attachment: { address: '10.77.0.1' } };
  return new PlayedCluster({
    steps: [
      { ...step, argv: ['first'] },
      { ...step, argv: ['second'] },
    ],
    transcript: transcript.map((one) => ({
      ...{ begin: moment, end: moment, how: 0, stdout: '', stderr: '', sockets: '' },
      ...one,
    })),
    failure,
    nodes: [{ spec, role: 'compute', pid: 1, commandLine: [], oomKills: [] } as never],
    crashes,
    accelerator: 'none',
    host: { loadAverage: { before: 0, after: 0 }, others: 0, stolen: 0, noisy: false },
    virtualTime: {
      digest: '',
      virtualNanoseconds: 0,
      frames: 0,
      inputs: { qemu: '', lockstep: '', plan: '' },
      transcript: '',
    },
  });
}

test('machines that have run answer in the order of the plan, and their clock goes along', async (t) => {
  const traffic = [{ sentBytes: 7, receivedBytes: 8 }];
  const cluster = played([{ stdout: 'one\n', end: { atNs: 5e6, traffic } }, { how: 3 }]);
  const session = cluster.nodes[0]?.session;
  t.is((await session?.exec(['first']))?.stdout, 'one\n');
  t.is(cluster.clock.now(), 5);
  t.deepEqual(await cluster.network.counters(1), traffic[0]);
  t.is((await session?.exec(['second']))?.code, 3);
});

test('a step that nobody asks for is passed over, as when the one before it has failed', async (t) => {
  const session = played([{ how: 'expired' }, { stdout: 'two\n' }]).nodes[0]?.session;
  t.is((await session?.exec(['second']))?.stdout, 'two\n');
  await t.throwsAsync(async () => session?.exec(['first']), { instanceOf: NotPlannedError });
});

test('what was not planned is not answered', async (t) => {
  const session = played([{}]).nodes[0]?.session;
  await t.throwsAsync(async () => session?.exec(['third']), { instanceOf: NotPlannedError });
});

test('where the run has ended, its reason is the answer', async (t) => {
  const session = played([{}], { failure: new Error('node2 died') }).nodes[0]?.session;
  await session?.exec(['first']);
  await t.throwsAsync(async () => session?.exec(['second']), { message: 'node2 died' });
});

test('what a node could not do any more since it crashed as planned is told as such', async (t) => {
  const crashes = [{ node: 'node1', atNs: 3e9 }];
  const end = { atNs: 4e9, traffic: [] };
  const session = played([{}, { how: 255, end }], { crashes }).nodes[0]?.session;
  await session?.exec(['first']);
  await t.throwsAsync(async () => session?.exec(['second']), {
    code: 'E_PLANNED_CRASH',
    message: 'node1 crashed at 3.000000000 s, as planned, and could not do second',
  });
});

test('a step that ran out of time ran into its deadline', async (t) => {
  const session = played([{ how: 'expired' }]).nodes[0]?.session;
  await t.throwsAsync(async () => session?.exec(['first']), { code: 'E_DEADLINE' });
});

test('a played flow waits for nothing', async (t) => {
  const started = systemClock.now();
  const cluster = played([]);
  await t.throwsAsync(async () => cluster.runFlow(testContext(), 'nbd-setup', {}));
  t.true(systemClock.now() - started < 5000);
});
