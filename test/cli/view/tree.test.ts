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
