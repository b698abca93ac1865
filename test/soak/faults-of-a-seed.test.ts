// SPDX-License-Identifier: MIT
import test from 'ava';
import { systemPaths } from '../../testbed/base/host/paths.js';
import { parseScenario } from '../../testbed/experiment/scenario/load-scenario.js';
import { unlucky } from '../guest/virtual-cells.js';
import { faultOf, KINDS } from './faults-of-a-seed.js';

const COMPUTING = { from: 3e9, to: 5e9 };
const SEEDS = Array.from({ length: 200 }, (_, i) => i + 1);

test('a seed always draws the same misfortune', (t) => {
  t.deepEqual(faultOf(7, 3, 2, COMPUTING), faultOf(7, 3, 2, COMPUTING));
  t.notDeepEqual(faultOf(7, 3, 2, COMPUTING), faultOf(8, 3, 2, COMPUTING));
});

test('two hundred seeds draw misfortunes of each kind, each for a scenario that can be run', async (t) => {
  const context = { paths: systemPaths() };
  const drawn = SEEDS.map((seed) => ({ seed, ...faultOf(seed, 2 + (seed % 2), 2, COMPUTING) }));
  for (const { seed, faults } of drawn) {
    const { scenario } = unlucky('linux-6.1', 2 + (seed % 2), { lease: '2s', seed, faults });
    await t.notThrowsAsync(parseScenario(context, 'cell.json', JSON.stringify(scenario)), `seed ${seed}`);
  }
  for (const kind of KINDS) t.true(drawn.filter((fault) => fault.kind === kind).length >= 15, kind);
});
