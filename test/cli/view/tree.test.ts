// SPDX-License-Identifier: MIT
import { createInterface } from 'node:readline';
import test from 'ava';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';

const here = (path: string): string =>
  JSON.stringify(new URL(`../../../testbed/${path}`, import.meta.url).href);

/** A command that shows a tree; what it owns takes a while to be put in order. */
const PROGRAM = `
  import { interruption } from ${here('base/lifecycle/interruption.js')};
  import { openTree } from ${here('cli/view/tree.js')};
  const signal = interruption();
  const tree = await openTree([{ id: 'boot', title: 'Boot' }], () => performance.now());
  tree.sink({ type: 'stage-started', at: 0, id: 'boot/node1', title: 'node1' });
  signal.addEventListener('abort', async () => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    await tree.close(signal.reason);
    process.exit(signal.reason.exitCode);
  });
  console.error('begun');
`;

/** Events of a run of eight cells of which none has begun. */
const PLANNED = `
  import { openTree } from ${here('cli/view/tree.js')};
  const branches = [{ id: 'image', title: 'Guest image' }, { id: 'cells', title: 'Cells' }];
  const tree = await openTree(branches, () => performance.now());
  const figures = { cells: 8, unknown: 0, virtualTime: true, seconds: 170, bytes: 4194304 };
  tree.sink({ type: 'run-planned', at: 0, ...figures });
  tree.sink({ type: 'stage-started', at: 0, id: 'image', title: 'image' });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await tree.close(undefined);
`;

test('what a run is going to take is drawn before its first cell begins', async (t) => {
  const command = 'stty cols 120 && exec "$NODE" --input-type=module --eval "$PROGRAM"';
  const env = { CI: undefined, NODE: process.execPath, PROGRAM: PLANNED, SHELL: '/bin/sh' };
  const { stdout } = await systemProcesses.succeed(['script', '-qec', command, '/dev/null'], { env });
  t.regex(stdout, /Cells: 8 cells in virtual time; some 3 min and 4\.0 MiB of disk/);
});

test('Ctrl-C while a tree is drawn ends in order, with status 130', async (t) => {
  const argv = [process.execPath, '--input-type=module', '--eval', PROGRAM] as const;
  await using command = await systemProcesses.start(argv, {
    orphan: 'dies',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (command.stderr === undefined) throw new Error('no standard error');
  command.stdout?.resume();
  for await (const line of createInterface({ input: command.stderr }))
    if (line === 'begun') command.kill('SIGINT');
  t.is((await command.exited).code, 130);
});
