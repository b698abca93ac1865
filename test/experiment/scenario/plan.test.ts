// SPDX-License-Identifier: MIT
import test from 'ava';
import { systemPaths } from '../../../testbed/base/host/paths.js';
import { EmptyPlanError } from '../../../testbed/experiment/scenario/errors.js';
import { parseScenario } from '../../../testbed/experiment/scenario/load-scenario.js';
import { clusterShape } from '../../../testbed/experiment/scenario/cluster-shapes.js';
import { planScenario } from '../../../testbed/experiment/scenario/plan.js';
import type { Scenario } from '../../../testbed/experiment/scenario/scenario.js';

const MIB = 2 ** 20;

async function scenario(fields: object = {}): Promise<Scenario> {
  const text = JSON.stringify({
    name: 'example',
    memory: { computeNode: '96M' },
    systems: ['local', 'disk-swap', 'nbd-swap'],
    workloads: ['heap-sort', 'dijkstra'],
    footprints: ['128M'],
    repeats: 2,
    disk: { bytesPerSecond: '200M', operationsPerSecond: 10000 },
    ...fields,
  });
  return await parseScenario({ paths: systemPaths() }, 'example.json', text);
}

test('repeats are outermost and systems innermost, so that drift of the host hits all systems alike', async (t) => {
  const { cells } = planScenario(await scenario());
  t.deepEqual(
    cells.map(({ id }) => id),
    [
      'local/heap-sort/128M/r1',
      'disk-swap/heap-sort/128M/r1',
      'nbd-swap/heap-sort/128M/r1',
      'local/dijkstra/128M/r1',
      'disk-swap/dijkstra/128M/r1',
      'nbd-swap/dijkstra/128M/r1',
      'local/heap-sort/128M/r2',
      'disk-swap/heap-sort/128M/r2',
      'nbd-swap/heap-sort/128M/r2',
      'local/dijkstra/128M/r2',
      'disk-swap/dijkstra/128M/r2',
      'nbd-swap/dijkstra/128M/r2',
    ],
  );
});

test('the same scenario gives the same plan, and another one another key', async (t) => {
  t.deepEqual(planScenario(await scenario()), planScenario(await scenario()));
  const { key } = planScenario(await scenario());
  t.is(planScenario(await scenario({ description: 'said otherwise' })).key, key);
  t.not(planScenario(await scenario({ memory: { computeNode: '97M' } })).key, key);
});

test('an id names its seed only where there are several', async (t) => {
  const { cells } = planScenario(await scenario({ seeds: [1, 7], systems: ['local'], repeats: 1 }));
  t.deepEqual(
    cells.map(({ id }) => id),
    [
      'local/heap-sort/128M/seed1/r1',
      'local/dijkstra/128M/seed1/r1',
      'local/heap-sort/128M/seed7/r1',
      'local/dijkstra/128M/seed7/r1',
    ],
  );
});

test('a cell says which machines, flows and variables it needs', async (t) => {
  const { cells } = planScenario(await scenario());
  const [local, disk, nbd] = cells;
  t.deepEqual(local?.shape.nodes, [{ role: 'compute', cpus: 1, memoryBytes: 256 * MIB }]);
  t.deepEqual(local?.flows, []);
  t.is(local?.swap, undefined);
  t.deepEqual(disk?.shape.nodes, [
    {
      role: 'compute',
      cpus: 1,
      memoryBytes: 96 * MIB,
      disk: { bytes: 160 * MIB, throttle: { bytesPerSecond: 200 * MIB, operationsPerSecond: 10000 } },
    },
  ]);
  t.deepEqual(
    nbd?.shape.nodes.map(({ role, memoryBytes }) => [role, memoryBytes / MIB]),
    [
      ['compute', 96],
      ['memory', 288],
    ],
  );
  t.deepEqual(nbd?.flows, [
    {
      name: 'nbd-setup',
      environment: { EOS_NBD_SIZE: String(160 * MIB), EOS_PAGE_CLUSTER: '0' },
    },
  ]);
  t.deepEqual(nbd?.swap, { pageCluster: 0 });
});

test('the wire is plain unless a scenario has it sealed, and both flows are told', async (t) => {
  for (const [elastic, wire] of [
    [{}, 'plain'],
    [{ wire: 'sealed' }, 'sealed'],
  ] as const) {
    const { cells } = planScenario(
      await scenario({
        memory: { computeNode: '128M', budget: '32M' },
        systems: ['elasticos'],
        workloads: ['heap-sort'],
        footprints: ['2x'],
        repeats: 1,
        elastic,
      }),
    );
    t.deepEqual(
      cells[0]?.flows.map(({ name, environment }) => [name, environment['EOS_WIRE']]),
      [
        ['setup-dest', wire],
        ['setup-src', wire],
      ],
    );
  }
});

test('a footprint may be in budgets, and say its nodes; each other node lends 1.25 budgets', async (t) => {
  const { cells } = planScenario(
    await scenario({
      memory: { computeNode: '128M', budget: '32M' },
      systems: ['nbd-swap', 'nbd-swap-readahead', 'elasticos', 'elasticos-nojump', 'migrate'],
      workloads: ['heap-sort'],
      footprints: [{ size: '2x', nodes: 3 }],
      repeats: 1,
    }),
  );
  const [nbd, readAhead, elasticos, noJump, migrate] = cells;
  t.is(elasticos?.id, 'elasticos/heap-sort/64M/r1');
  t.like(nbd?.flows[0]?.environment, { EOS_BUDGET: String(32 * MIB), EOS_PAGE_CLUSTER: '0' });
  t.like(readAhead?.flows[0]?.environment, { EOS_PAGE_CLUSTER: '3' });
  t.deepEqual(
    elasticos?.shape.nodes.map(({ role, memoryBytes }) => [role, memoryBytes / MIB]),
    [
      ['compute', 128],
      ['memory', 168],
      ['memory', 168],
    ],
  );
  t.deepEqual(
    elasticos?.flows.map(({ name, environment }) => [name, environment['EOS_LEND']]),
    [
      ['setup-dest', String(40 * MIB)],
      ['setup-src', undefined],
    ],
  );
  t.deepEqual(elasticos?.elastic, {
    policy: 'adaptive',
    budget: 32 * MIB,
    nodes: 3,
    threshold: 8,
    window: 32,
  });
  t.is(noJump?.elastic?.policy, 'sticky');
  t.is(migrate?.shape.nodes.length, 2);
  t.deepEqual(
    migrate?.flows.map(({ name }) => name),
    ['setup-dest', 'disk-swap-dest', 'setup-src'],
  );
});

test('elasticos is planned under each policy, and a threshold is part of its name', async (t) => {
  const policies = ['adaptive', 'threshold 32', 'threshold 512', 'sticky'];
  const { cells } = planScenario(
    await scenario({
      memory: { computeNode: '96M', budget: '16M' },
      systems: ['local', 'elasticos', 'elasticos-nojump'],
      workloads: ['heap-sort'],
      footprints: ['2x'],
      repeats: 1,
      nodes: { count: 3 },
      elastic: { policies },
    }),
  );
  t.deepEqual(
    cells.map(({ id, elastic }) => [id, elastic?.policy, elastic?.threshold]),
    [
      ['local/heap-sort/32M/r1', undefined, undefined],
      ['elasticos/heap-sort/32M/r1', 'adaptive', 8],
      ['elasticos-threshold-32/heap-sort/32M/r1', 'threshold', 32],
      ['elasticos-threshold-512/heap-sort/32M/r1', 'threshold', 512],
      ['elasticos-nojump/heap-sort/32M/r1', 'sticky', 8],
    ],
  );
});

test('a memory node has room for each compute node that it serves', async (t) => {
  const roles = ['compute', 'compute', 'memory'];
  const { cells } = planScenario(await scenario({ nodes: { roles }, systems: ['nbd-swap'] }));
  t.is(cells[0]?.shape.nodes[2]?.memoryBytes, (2 * 160 + 128) * MIB);
});

test('the command line may ask for other repeats, and for some cells only', async (t) => {
  const example = await scenario();
  const plan = planScenario(example, { repeats: 1, only: 'dijkstra' });
  t.deepEqual(
    plan.cells.map(({ id }) => id),
    ['local/dijkstra/128M/r1', 'disk-swap/dijkstra/128M/r1', 'nbd-swap/dijkstra/128M/r1'],
  );
  t.throws(() => planScenario(example, { only: 'bubble-sort' }), { instanceOf: EmptyPlanError });
});

test('a scenario of machines only has a shape, and no plan', async (t) => {
  const text = JSON.stringify({
    name: 'm',
    nodes: { count: 3 },
    memory: { computeNode: '256M', memoryNode: '1G' },
  });
  const machines = await parseScenario({ paths: systemPaths() }, 'm.json', text);
  t.deepEqual(
    clusterShape(machines).nodes.map(({ role, memoryBytes }) => [role, memoryBytes / MIB]),
    [
      ['compute', 256],
      ['memory', 1024],
      ['memory', 1024],
    ],
  );
  t.throws(() => planScenario(machines), {
    instanceOf: EmptyPlanError,
    message: 'scenario m.json has no cells',
  });
});
