// SPDX-License-Identifier: MIT
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Products } from '../../testbed/machines/cluster/products.js';
import { systemPaths } from '../../testbed/base/host/paths.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import { parseScenario } from '../../testbed/experiment/scenario/load-scenario.js';
import { type Cell, planScenario } from '../../testbed/experiment/scenario/plan.js';
import { QemuUnsuitableError } from '../../testbed/virtual-time/errors.js';
import { runInVirtualTime } from '../../testbed/virtual-time/run-in-virtual-time.js';
import { temporaryFolder, testContext } from '../products/image/test-context.js';
import { lockstepPrograms } from './simulation.js';

async function cell(): Promise<Cell> {
  const text = JSON.stringify({
    name: 'x',
    time: 'virtual',
    memory: { computeNode: '96M' },
    systems: ['local'],
    workloads: ['heap-sort'],
    footprints: ['96M'],
    repeats: 1,
  });
  const [only] = planScenario(await parseScenario({ paths: systemPaths() }, 'x.json', text)).cells;
  if (only === undefined) throw new Error('the scenario has a cell');
  return only;
}

/** A kernel and an image that nobody gets as far as to look into. */
async function products(
  t: ExecutionContext,
  plugin?: string,
): Promise<{ products: Products; folder: string }> {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'modules'));
  await writeFile(join(folder, 'initrd'), '');
  const lockstep = await lockstepPrograms();
  const made = {
    kernel: {
      key: 'none',
      line: 'none',
      variant: 'release',
      bzImage: '/nowhere',
      modules: join(folder, 'modules'),
    },
    image: { initrd: join(folder, 'initrd') },
    lockstep: { ...lockstep, plugin: plugin ?? lockstep.plugin },
  };
  return { products: made as unknown as Products, folder };
}

test('a QEMU that cannot take the plugin is refused, with one that could', async (t) => {
  const { products: made, folder } = await products(t, '/nowhere/lockstep.so');
  const machines = join(folder, 'cell');
  await mkdir(machines);
  const context = testContext({ paths: { cache: join(folder, 'cache') } });
  const error = await t.throwsAsync(
    runInVirtualTime(context, { cell: await cell(), products: made, folder: machines, sockets: folder }),
    { instanceOf: QemuUnsuitableError },
  );
  t.regex(error.message, /lockstep\.so/);
  t.regex(error.nextStep, /7\.2 or 10\.0 would do/);
});

const REFUSALS: Readonly<Record<string, readonly [string, boolean, RegExp]>> = {
  'that is not preloaded': ['port=1', false, /has to be preloaded too/],
  'that is told nonsense': ['colour=blue', true, /unknown argument colour/],
  'whose coordinator is not there': ['coordinator=/nowhere/clock', true, /\/nowhere\/clock: No such file/],
};

for (const [what, [argument, preloaded, complaint]] of Object.entries(REFUSALS)) {
  test(`QEMU does not start with a plugin ${what}`, async (t) => {
    const { plugin } = await lockstepPrograms();
    const { code, stderr } = await systemProcesses.run(
      [
        'qemu-system-x86_64',
        '-nodefaults',
        '-display',
        'none',
        '-accel',
        'tcg',
        '-plugin',
        `${plugin},${argument}`,
      ],
      preloaded ? { env: { LD_PRELOAD: plugin } } : {},
    );
    t.not(code, 0);
    t.regex(stderr, complaint);
  });
}
