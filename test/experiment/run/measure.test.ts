// SPDX-License-Identifier: MIT
import test from 'ava';
import { systemPaths } from '../../../testbed/base/host/paths.js';
import type { BootedCluster } from '../../../testbed/experiment/run/machines.js';
import { measure } from '../../../testbed/experiment/run/measure.js';
import {
  type MeasuringCommand,
  measuringScript,
  type Purpose,
} from '../../../testbed/experiment/run/script.js';
import { loadScenario } from '../../../testbed/experiment/scenario/load-scenario.js';
import { type Cell, planScenario } from '../../../testbed/experiment/scenario/plan.js';
import { SYSTEMS } from '../../../testbed/experiment/scenario/system.js';
import { planCell } from '../../../testbed/virtual-time/operator-plan.js';
import { testContext } from '../../products/image/test-context.js';

const paths = systemPaths();

/** One cell of each system, and one with trials. */
const cells = new Map<string, Cell>();
for (const name of ['elasticos', 'disk-swap']) {
  const plan = planScenario(await loadScenario({ paths }, `scenarios/${name}.json`));
  for (const cell of plan.cells) if (!cells.has(cell.system)) cells.set(cell.system, cell);
}

const [checked] = planScenario(await loadScenario({ paths }, 'scenarios/check.json')).cells;
if (checked !== undefined) cells.set('elasticos with trials', checked);

const COUNTERS = ['jumps_out', 'jump_bytes', 'pulls', 'pulled_pages', 'pushes', 'pushed_pages', 'bytes_sent'];

/** What guests say where all is well; for the other purposes they say nothing. */
const ANSWERS: Readonly<Partial<Record<Purpose, { readonly stdout?: string; readonly stderr?: string }>>> = {
  'resident-unit': { stderr: 'resident 4096\n' },
  'guest-before': { stdout: '1.00 0.00\npgmajfault 0\n' },
  'guest-after': { stdout: '2.00 0.00\npgmajfault 0\n' },
  'shells-left': { stdout: '[]' },
  counters: { stdout: `ended 1\n${COUNTERS.map((name) => `${name} 1\n`).join('')}` },
};

/** Machines on which all is well; what is run on them goes into `run`. */
function machinesNoting(cell: Cell, run: MeasuringCommand[]): BootedCluster {
  return {
    accelerator: 'none',
    network: {
      kind: 'simulated',
      shortfalls: [],
      counters: () => Promise.resolve({ sentBytes: 0, receivedBytes: 0 }),
    },
    link: undefined,
    nodes: [],
    script: measuringScript(cell).map((command) => ({
      command,
      run: () => {
        run.push(command);
        return Promise.resolve({
          code: 0,
          signal: undefined,
          stdout: '',
          stderr: '',
          ...ANSWERS[command.purpose],
        });
      },
    })),
    runFlow: (_, { name }) => Promise.resolve({ flow: name, status: 'done', steps: [] }),
    whileAlive: (work) => work(new AbortController().signal),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function wordsOf(commands: readonly Pick<MeasuringCommand, 'node' | 'argv'>[]): readonly string[] {
  return commands.map(({ node, argv }) => `node${node}: ${argv.join(' ')}`);
}

test('there is a cell of every system', (t) => {
  t.deepEqual(
    [...new Set([...cells.values()].map(({ system }) => system))].sort(),
    Object.keys(SYSTEMS).sort(),
  );
});

for (const [system, cell] of cells) {
  test(`${system}: a measurement runs its script from the first command to the last`, async (t) => {
    const run: MeasuringCommand[] = [];
    await measure(testContext(), cell, machinesNoting(cell, run), { checksum: '', bytesTouched: 0 });
    t.deepEqual(wordsOf(run), wordsOf(measuringScript(cell)));
  });

  test(`${system}: the plan for virtual time ends with the same script`, async (t) => {
    const { measuring } = await planCell(paths, cell);
    t.deepEqual(
      measuring.map(({ step }) => `${step.node}: ${step.argv.join(' ')}`),
      wordsOf(measuringScript(cell)),
    );
  });
}

test('a measurement is given no way to run anything else', (t) => {
  const cell = cells.get('local');
  if (cell === undefined) throw new Error('there is a cell of every system');
  const machines = machinesNoting(cell, []);
  // @ts-expect-error Whoever adds a session to the seam has to say what it answers for machines that have run already.
  t.is(machines.nodes[0]?.session, undefined);
  // @ts-expect-error A command of the script is run as it is: only the signal is the caller's.
  t.truthy(machines.script[0]?.run(new AbortController().signal, ['true']));
});
