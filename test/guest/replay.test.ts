// SPDX-License-Identifier: MIT
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { projectRoot } from '../../testbed/base/host/paths.js';
import type { RunOutcome } from '../../testbed/experiment/run/run-plan.js';
import { kernelsAtHand } from './kernels-at-hand.js';
import { Tool } from './tool.js';

const SMALL = {
  name: 'replayed',
  time: 'virtual',
  memory: { computeNode: '96M' },
  systems: ['local'],
  workloads: ['count-sort'],
  footprints: ['1M'],
  repeats: 1,
};

/** In the midst of the kernel's start. */
const INSTANT = '0.223456789s';

const LOOK = ['-batch', '-ex', 'info registers', '-ex', 'print init_task.comm', '-ex', 'backtrace'];

/** What `explore --json` says. */
interface Exploration {
  readonly run: string;
  readonly failures: readonly {
    readonly cell: string;
    readonly reason: string;
    readonly command: string;
  }[];
}

const [kernel] = kernelsAtHand('release').filter(({ missing }) => missing === undefined);
const declare = kernel === undefined ? test.serial.skip : test.serial;

declare('what fails in an exploration fails again by the command that it prints', async (t) => {
  t.timeout(900_000);
  await using tool = await Tool.make();
  const scenario = join(tool.folder, 'short.json');
  // Not even ssh gets as far as that.
  await writeFile(scenario, JSON.stringify({ ...SMALL, deadline: '1ms' }));
  const explored = await tool.run([
    'explore',
    scenario,
    '--seeds',
    '7..8',
    '--kernel',
    kernel?.line ?? '',
    '--json',
  ]);
  t.is(explored.code, 1, explored.stderr);
  const { run, failures } = JSON.parse(explored.stdout) as Exploration;
  t.teardown(async () => rm(join(projectRoot(), 'results', run), { recursive: true }));
  t.deepEqual(
    failures.map(({ cell }) => cell),
    ['local/count-sort/1M/r1/time7', 'local/count-sort/1M/r1/time8'],
  );
  const { command, reason, cell } = failures[1] ?? { command: '', reason: '', cell: '' };
  const [npx, testbed, ...again] = command.split(' ');
  t.deepEqual([npx, testbed], ['npx', 'testbed']);
  const replayed = await tool.run(again);
  t.is(replayed.code, 1);
  t.is(replayed.stdout.trimEnd().split('\n').at(-1), `${cell}: failed, ${reason}`);
});

declare('gdb gets a guest that stands at the same instruction every time', async (t) => {
  t.timeout(900_000);
  await using tool = await Tool.make();
  const scenario = join(tool.folder, 'small.json');
  await writeFile(scenario, JSON.stringify(SMALL));
  const finished = await tool.succeed('run', scenario, '--kernel', kernel?.line ?? '', '--json');
  const { run, folder } = JSON.parse(finished.stdout) as RunOutcome;
  t.teardown(async () => rm(folder, { recursive: true }));
  const look = async (): Promise<string> => {
    const { stdout } = await tool.succeed('replay', run, '--gdb', 'node1', '--at', INSTANT, '--', ...LOOK);
    return stdout.slice(stdout.indexOf('\nrax '));
  };
  const first = await look();
  t.regex(first, /^rip +0xffffffff[0-9a-f]+ +0xffffffff[0-9a-f]+ <[\w.]+(?:\+\d+)?>$/m);
  t.regex(first, /^\$1 = "swapper/m);
  t.is(await look(), first);
  const late = await tool.run(['replay', run, '--gdb', 'node1', '--at', '1h', '--', ...LOOK]);
  t.is(late.code, 2);
  t.regex(late.stderr, /node1 did not get to 3600\.000000000 s/);
});
