// SPDX-License-Identifier: MIT
import test from 'ava';
import { systemPaths } from '../../../testbed/base/host/paths.js';
import { ScenarioError } from '../../../testbed/experiment/scenario/errors.js';
import { parseScenario, type ScenarioOverrides } from '../../../testbed/experiment/scenario/load-scenario.js';
import { planScenario } from '../../../testbed/experiment/scenario/plan.js';
import type { VirtualTime } from '../../../testbed/machines/cluster/virtual-time.js';

const context = { paths: systemPaths() };

const VIRTUAL = {
  name: 'x',
  time: 'virtual',
  memory: { computeNode: '96M' },
  systems: ['nbd-swap'],
  workloads: ['heap-sort'],
  footprints: ['96M'],
};

async function timeOf(fields: object, overrides: ScenarioOverrides = {}): Promise<VirtualTime | undefined> {
  const scenario = await parseScenario(
    context,
    'x.json',
    JSON.stringify({ ...VIRTUAL, ...fields }),
    overrides,
  );
  return planScenario(scenario, { repeats: 1 }).cells[0]?.shape.virtualTime;
}

async function problemsOf(fields: object): Promise<readonly string[]> {
  try {
    await timeOf(fields);
    return [];
  } catch (thrown) {
    if (thrown instanceof ScenarioError) return thrown.problems;
    throw thrown;
  }
}

test('a cell in virtual time says all that its clock and network are made of', async (t) => {
  t.deepEqual(await timeOf({}), {
    shift: 0,
    quantumNs: 50_000,
    seed: 1,
    queueBytes: 1500 * 1024,
    captureBytes: 128,
    faults: {
      loss: 0,
      duplicate: 0,
      reorder: { part: 0, byNs: 0 },
      jitterNs: 0,
      cuts: [],
      crashes: [],
      pauses: [],
      freezes: [],
    },
  });
});

test('a cell in wall time says nothing of it', async (t) => {
  t.is(await timeOf({ time: 'wall' }), undefined);
});

test('the command line goes before the scenario', async (t) => {
  t.is(await timeOf({}, { time: 'wall' }), undefined);
  t.is((await timeOf({ time: 'wall' }, { time: 'virtual', seed: 7 }))?.seed, 7);
});

test('faults are nanoseconds after the start', async (t) => {
  const faults = {
    cuts: [
      { node: 'node2', from: '1.5s', to: '2s' },
      { node: 'node1', other: 'node2', way: 'sent', from: '1s', to: '3s' },
    ],
    crashes: [{ node: 'node1', at: '12.345s' }],
    reorder: { part: 0.1, by: '100us' },
    pauses: [
      { node: 'node2', from: '5s', to: '6s' },
      { node: 'node2', from: '2s', to: '4s' },
    ],
    freezes: [{ node: 'node1', from: '1s', to: '1.5s' }],
  };
  const time = await timeOf({ virtualTime: { faults } });
  t.deepEqual(time?.faults.cuts, [
    { node: 'node2', fromNs: 1_500_000_000, toNs: 2_000_000_000 },
    { node: 'node1', other: 'node2', way: 'sent', fromNs: 1_000_000_000, toNs: 3_000_000_000 },
  ]);
  t.deepEqual(time?.faults.crashes, [{ node: 'node1', atNs: 12_345_000_000 }]);
  t.deepEqual(time?.faults.pauses, [
    { node: 'node2', fromNs: 2_000_000_000, toNs: 4_000_000_000 },
    { node: 'node2', fromNs: 5_000_000_000, toNs: 6_000_000_000 },
  ]);
  t.deepEqual(time?.faults.freezes, [{ node: 'node1', fromNs: 1_000_000_000, toNs: 1_500_000_000 }]);
  t.deepEqual(time?.faults.reorder, { part: 0.1, byNs: 100_000 });
});

const DISK = { bytesPerSecond: '200M', operationsPerSecond: 10_000 };

const CONTRADICTIONS: Readonly<Record<string, readonly [object, RegExp]>> = {
  'a disk answers in host time': [
    { systems: ['disk-swap'], disk: DISK },
    /^\/systems has disk-swap; an emulated disk/,
  ],
  'so does a root file system on a disk': [{ root: 'disk' }, /^\/root is "disk"; in virtual time/],
  'a node has one processor': [{ nodes: { cpus: 2 } }, /^\/nodes\/cpus is 2; in virtual time a node has 1$/],
  'four nodes are the most': [{ nodes: { count: 5 } }, /^\/nodes has 5 nodes; in virtual time/],
  'no guest may run further ahead than a frame takes': [
    { link: { delay: '50us' }, virtualTime: { quantum: '51us' } },
    /^\/virtualTime\/quantum is 51us; it may not be longer than \/link\/delay, 50us$/,
  ],
  'a fault needs its node': [
    { virtualTime: { faults: { crashes: [{ node: 'node3', at: '1s' }] } } },
    /^\/virtualTime\/faults has node3, and there are 2 nodes$/,
  ],
  'a link has two ends': [
    { virtualTime: { faults: { cuts: [{ node: 'node2', other: 'node2', from: '1s', to: '2s' }] } } },
    /^\/virtualTime\/faults\/cuts has a link from node2 to itself$/,
  ],
  'a node is paused once at a time': [
    {
      virtualTime: {
        faults: {
          pauses: [
            { node: 'node2', from: '1s', to: '3s' },
            { node: 'node2', from: '2s', to: '4s' },
          ],
        },
      },
    },
    /^\/virtualTime\/faults\/pauses has node2 twice at once$/,
  ],
  'a freeze ends after it has begun': [
    { virtualTime: { faults: { freezes: [{ node: 'node2', from: '2s', to: '1s' }] } } },
    /^\/virtualTime\/faults\/freezes has node2 up to an instant before it begins$/,
  ],
  'what does not run does not crash': [
    {
      virtualTime: {
        faults: {
          pauses: [{ node: 'node2', from: '1s', to: '3s' }],
          crashes: [{ node: 'node2', at: '2s' }],
        },
      },
    },
    /^\/virtualTime\/faults\/crashes has node2 while it is paused$/,
  ],
  'an instruction takes at most 1024 ns': [{ virtualTime: { shift: 11 } }, /^\/virtualTime\/shift is 11; /],
  'a probability is none above 1': [
    { virtualTime: { faults: { loss: 1.5 } } },
    /^\/virtualTime\/faults\/loss is 1.5; /,
  ],
};

for (const [what, [fields, problem]] of Object.entries(CONTRADICTIONS)) {
  test(`refused: ${what}`, async (t) => {
    const problems = await problemsOf(fields);
    t.is(problems.length, 1, problems.join('\n'));
    t.regex(problems[0] ?? '', problem);
  });
}
