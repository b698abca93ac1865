// SPDX-License-Identifier: MIT
import test from 'ava';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemPaths } from '../../../testbed/base/host/paths.js';
import { ScenarioError, ScenarioMissingError } from '../../../testbed/experiment/scenario/errors.js';
import {
  loadScenario,
  parseScenario,
  scenarioNames,
} from '../../../testbed/experiment/scenario/load-scenario.js';
import { planScenario } from '../../../testbed/experiment/scenario/plan.js';
import { SYSTEMS } from '../../../testbed/experiment/scenario/system.js';
import { WORKLOAD_NAMES } from '../../../testbed/experiment/workload/workload.js';

const context = { paths: systemPaths() };

/** What a scenario with these fields has wrong with it. */
async function problemsOf(fields: object): Promise<readonly string[]> {
  try {
    await parseScenario(context, 'x.json', JSON.stringify(fields));
    return [];
  } catch (thrown) {
    if (thrown instanceof ScenarioError) return thrown.problems;
    throw thrown;
  }
}

const MATRIX = {
  name: 'x',
  memory: { computeNode: '96M' },
  systems: ['local', 'nbd-swap'],
  workloads: ['heap-sort'],
  footprints: ['96M'],
};

test('every scenario of the project is a good one', async (t) => {
  const names = await scenarioNames(context);
  t.true(names.includes('network-swap'));
  for (const name of names) t.is((await loadScenario(context, name)).name, name);
});

test('network-swap is six workloads, local against nbd-swap', async (t) => {
  const { cells } = planScenario(await loadScenario(context, 'scenarios/network-swap.json'), { repeats: 1 });
  t.is(cells.length, 12);
  t.deepEqual([...new Set(cells.map(({ workload }) => workload))], [...WORKLOAD_NAMES]);
  t.deepEqual([...new Set(cells.map(({ system }) => system))], ['local', 'nbd-swap']);
});

test('what may be left out has the value that the schema says', async (t) => {
  const scenario = await parseScenario(context, 'x.json', JSON.stringify(MATRIX));
  t.like(scenario, {
    kernels: ['linux-2.6.38.8', 'linux-6.1'],
    variant: 'release',
    roles: ['compute', 'memory'],
    memory: { computeNode: 96 * 2 ** 20, memoryNode: 'auto', local: 'auto' },
    link: { bandwidth: 1e9, delayUs: 0 },
    seeds: [1],
    repeats: 5,
    deadlineMs: 900_000,
    nbd: { pageCluster: 0, size: 'auto' },
  });
});

test('all mistakes are told at once, each with its path, what stands there, and what may', async (t) => {
  const problems = await problemsOf({
    ...MATRIX,
    systems: ['local', 'nbd-swp'],
    memory: { computeNode: 64 },
    repeat: 3,
    kernels: ['linux-6.2'],
  });
  t.deepEqual([...problems].sort(), [
    '/kernels/0 is "linux-6.2"; did you mean linux-6.1?; allowed: linux-2.6.38.8, linux-6.1',
    '/memory/computeNode is 64; must be a size in bytes, with K, M or G, such as "64M"',
    '/repeat is 3; there is no such field; did you mean repeats?; allowed: name, description, kernels, variant, nodes, memory, link, time, virtualTime, root, kernelArguments, with, systems, workloads, footprints, seeds, repeats, deadline, trials, nbd, elastic, disk',
    '/systems/1 is "nbd-swp"; did you mean nbd-swap?; allowed: local, disk-swap, nbd-swap, nbd-swap-readahead, elasticos, elasticos-nojump, migrate',
  ]);
});

test('a missing field is told by its own path', async (t) => {
  t.deepEqual(await problemsOf({ name: 'x', memory: {} }), ['/memory/computeNode is missing']);
});

const STRETCHED = {
  trials: true,
  time: 'virtual',
  systems: ['elasticos'],
  memory: { computeNode: '96M', budget: '8M' },
  footprints: ['1.5x'],
} as const;

const CONTRADICTIONS: Readonly<Record<string, readonly [object, RegExp]>> = {
  'a footprint that fits into memory puts no pressure on a swapping system': [
    { footprints: ['256M', '48M'] },
    /^\/footprints\/1 is "48M"; it fits into \/memory\/computeNode, "96M", and nbd-swap would have nothing to swap$/,
  ],
  'a memory node must hold what it exports': [
    { memory: { computeNode: '96M', memoryNode: '128M' } },
    /^\/memory\/memoryNode is "128M"; what it exports, and room for itself, take "256M"/,
  ],
  'nbd-swap needs a memory node': [{ nodes: { count: 1 } }, /nbd-swap, which needs a memory node/],
  'node1 computes': [
    { nodes: { roles: ['memory', 'compute'] } },
    /^\/nodes\/roles\/0 is "memory"; node1 must be/,
  ],
  'roles and count agree': [
    { nodes: { count: 3, roles: ['compute', 'memory'] } },
    /^\/nodes\/count is 3; \/nodes\/roles has 2 roles/,
  ],
  'disk-swap declares the speed of its disk': [{ systems: ['disk-swap'] }, /^\/disk is missing/],
  'what stretches must know its home budget': [
    { systems: ['elasticos', 'migrate'] },
    /^\/memory\/budget is missing; elasticos, migrate must know/,
  ],
  'a footprint in budgets wants a budget': [
    { footprints: ['128M', { size: '2x', nodes: 3 }] },
    /^\/footprints\/1 is "2x"; so many times what\?/,
  ],
  'a footprint within the budget puts no pressure on anything': [
    { memory: { computeNode: '128M', budget: '96M' } },
    /^\/footprints\/0 is "96M"; it fits into \/memory\/budget/,
  ],
  'the guest itself wants memory beside the budget': [
    { memory: { computeNode: '96M', budget: '80M' } },
    /^\/memory\/computeNode is "96M"; \/memory\/budget and the guest itself take "112M"/,
  ],
  'what is not at home has to be somewhere': [
    { systems: ['elasticos'], memory: { computeNode: '96M', budget: '32M' }, footprints: ['4x'] },
    /^\/footprints\/0 is "128M"; 2 nodes have room for "72M"$/,
  ],
  'a process that is too large for the node that it migrates to swaps there': [
    { systems: ['migrate'], memory: { computeNode: '96M', budget: '32M' }, footprints: ['2x'] },
    /^\/disk is missing; a process that migrates swaps there/,
  ],
  'elastic systems stretch to a memory node': [
    {
      systems: ['elasticos'],
      memory: { computeNode: '96M', budget: '48M' },
      nodes: { roles: ['compute', 'compute'] },
    },
    /^\/systems has elasticos, which needs a memory node/,
  ],
  'policies are those of elasticos': [
    { elastic: { policies: ['threshold 32'] } },
    /^\/elastic\/policies says how elasticos decides, and \/systems does not have it$/,
  ],
  'trials are made in virtual time': [
    { ...STRETCHED, time: 'wall' },
    /^\/trials is true; trials are made in virtual time$/,
  ],
  'trials stretch a program': [
    { ...STRETCHED, systems: ['elasticos', 'local'] },
    /^\/trials is true; .* \/systems has to be of elasticos, elasticos-nojump$/,
  ],
  'trials are made on two nodes': [
    { ...STRETCHED, footprints: ['1.5x', { size: '1.5x', nodes: 3 }] },
    /^\/footprints\/1 has 3 nodes; trials are made on 2$/,
  ],
  'no workload takes any footprint': [
    { footprints: ['17G'] },
    /^\/footprints\/0 is "17G"; these workloads take "64K" to "16G"$/,
  ],
};

for (const [rule, [fields, expected]] of Object.entries(CONTRADICTIONS)) {
  test(rule, async (t) => {
    const problems = await problemsOf({ ...MATRIX, ...fields });
    t.is(problems.length, 1, problems.join('\n'));
    t.regex(problems[0] ?? '', expected);
  });
}

test('a local system alone may have any footprint', async (t) => {
  t.deepEqual(await problemsOf({ ...MATRIX, systems: ['local'], footprints: ['1M'] }), []);
});

test('a file that is no JSON is told by line and column', async (t) => {
  const error = await t.throwsAsync(parseScenario(context, 'x.json', '{\n  "name": "x",\n}'), {
    instanceOf: ScenarioError,
  });
  t.deepEqual(error.problems, ['line 3, column 1: a name in double quotes expected, found `}`']);
});

test('a file that is too large for a scenario is told with its size', async (t) => {
  const text = JSON.stringify({ ...MATRIX, description: 'x'.repeat(10 * 2 ** 20) });
  const error = await t.throwsAsync(parseScenario(context, 'x.json', text), { instanceOf: ScenarioError });
  t.deepEqual(error.problems, ['has 10.0 MiB; a scenario has 1.0 MiB at the most']);
});

test('a file that is not there is told with the nearest that is', async (t) => {
  const error = await t.throwsAsync(loadScenario(context, 'scenarios/network-swop.json'), {
    instanceOf: ScenarioMissingError,
  });
  t.is(error.message, 'there is no scenario scenarios/network-swop.json; did you mean network-swap?');
});

test('the published schema lists the systems and workloads that there are', async (t) => {
  const text = await readFile(join(context.paths.project, 'scenarios', 'scenario.schema.json'), 'utf8');
  const { properties } = JSON.parse(text) as {
    readonly properties: Readonly<
      Record<'systems' | 'workloads', { readonly items: { readonly enum: string[] } }>
    >;
  };
  t.deepEqual(properties.systems.items.enum, Object.keys(SYSTEMS));
  t.deepEqual(properties.workloads.items.enum, [...WORKLOAD_NAMES]);
});
