// SPDX-License-Identifier: MIT
import test from 'ava';
import { systemPaths } from '../../testbed/base/host/paths.js';
import { parseScenario } from '../../testbed/experiment/scenario/load-scenario.js';
import { type Cell, planScenario } from '../../testbed/experiment/scenario/plan.js';
import { planCell, planFiles, type PlannedStep, stepsOf } from '../../testbed/virtual-time/operator-plan.js';
import { withSeeds } from '../../testbed/virtual-time/reseeded.js';

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
  return stepsOf(await planCell(paths, cell));
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
