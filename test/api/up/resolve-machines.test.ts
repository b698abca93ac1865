// SPDX-License-Identifier: MIT
import test from 'ava';
import { openContext } from '../../../testbed/api/context/open-context.js';
import { machinesAndBuild, machinesFor } from '../../../testbed/api/up/resolve-machines.js';
import { ImageDeclarationError } from '../../../testbed/products/image/errors.js';
import { RequestError } from '../../../testbed/api/context/errors.js';

const context = openContext({});

test('without a request they are the machines of scenarios/default.json, which swap and stretch', async (t) => {
  const { machines, build } = await machinesAndBuild(context, {});
  t.deepEqual(
    machines.shape.nodes.map(({ role }) => role),
    ['compute', 'memory'],
  );
  t.deepEqual(machines.flows, ['nbd-setup', 'setup-dest', 'setup-src']);
  t.like(build, { kernels: ['linux-2.6.38.8', 'linux-6.1'], variant: 'release', image: 'initramfs' });
});

test('a request goes before its scenario', async (t) => {
  const { machines, build } = await machinesAndBuild(context, {
    nodes: 3,
    memory: '128M',
    cpus: 2,
    kernelArguments: ['quiet'],
    gdb: true,
    image: 'disk',
    kernel: 'linux-6.1',
    variant: 'debug',
    flows: [],
  });
  t.is(machines.shape.nodes.length, 3);
  for (const node of machines.shape.nodes) t.like(node, { memoryBytes: 128 * 2 ** 20, cpus: 2 });
  t.like(machines.shape, { kernelArguments: ['quiet'], gdb: true, dumpOnDeath: false, root: 'disk' });
  t.deepEqual(machines.flows, []);
  t.like(build, { kernel: 'linux-6.1', variant: 'debug', image: 'disk' });
});

test('an image says by its kind where the root file system is, and has to be declared', async (t) => {
  const { machines, build } = await machinesAndBuild(context, { image: 'disk' });
  t.is(machines.shape.root, 'disk');
  t.is(build.image, 'disk');
  await t.throwsAsync(machinesAndBuild(context, { image: 'devuan' }), { instanceOf: ImageDeclarationError });
});

const SET_UPS = [
  ['swap', ['nbd-setup']],
  ['elasticos', ['setup-dest', 'setup-src']],
  ['none', []],
] as const;

for (const [what, flows] of SET_UPS)
  test(`with ${what}, the flows are: ${flows.join(', ')}`, async (t) => {
    const { machines } = await machinesAndBuild(context, { with: what });
    t.deepEqual(machines.flows, flows);
  });

test('a scenario says what its machines are made ready for', async (t) => {
  const { machines } = await machinesAndBuild(context, { scenario: 'soak' });
  t.deepEqual(machines.flows, ['nbd-setup']);
});

test('one guest has nobody to swap or stretch to', async (t) => {
  const { machines } = await machinesAndBuild(context, { nodes: 1 });
  t.deepEqual(machines.flows, []);
});

test('the root file system that was built goes before everything', async (t) => {
  const { shape } = await machinesFor(context, {}, 'disk');
  t.is(shape.root, 'disk');
});

for (const nodes of [0, 17, 1.5, NaN])
  test(`${nodes} nodes are refused`, async (t) => {
    await t.throwsAsync(machinesFor(context, { nodes }, 'initramfs'), { instanceOf: RequestError });
  });
