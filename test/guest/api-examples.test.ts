// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import test from 'ava';
import { projectRoot } from '../../testbed/base/host/paths.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import { kernelsAtHand } from './kernels-at-hand.js';
import { withoutElasticOS } from './stretched.js';
import { Tool } from './tool.js';

/*
 * The programs of docs/examples/, as a reader runs them. docs/api.md shows the same files.
 */

/** 6.1 where it can be had: what the examples say when they are told nothing. */
const kernel = kernelsAtHand('release').findLast(({ missing }) => missing === undefined);
const line = kernel?.line ?? '';
const declare = kernel === undefined ? test.serial.skip : test.serial;
const elastic = kernel === undefined ? undefined : withoutElasticOS(line);
const declareElastic = elastic === undefined ? declare : test.serial.skip;

/** What an example prints. */
async function printed(tool: Tool, example: string): Promise<readonly string[]> {
  const program = join(projectRoot(), 'dist', 'docs', 'examples', `${example}.js`);
  const { stdout } = await systemProcesses.succeed([process.execPath, program, line], {
    env: { ...tool.env, TESTBED_RESULTS: join(tool.folder, 'results') },
    signal: tool.signal,
  });
  return stdout.trimEnd().split('\n');
}

declare('two-nodes: commands are run on both', async (t) => {
  t.timeout(300_000);
  await using tool = await Tool.make();
  const [first, second, third, ...rest] = await printed(tool, 'two-nodes');
  const version = line.replace('linux-', '').replaceAll('.', '\\.');
  t.regex(first ?? '', new RegExp(`^node1 at 10\\.77\\.0\\.1 runs ${version}\\S*$`));
  t.regex(second ?? '', new RegExp(`^node2 at 10\\.77\\.0\\.2 runs ${version}\\S*$`));
  t.is(third, 'status 42');
  t.deepEqual(rest, []);
});

declareElastic('partition: a process that has lost its pages ends, and the kernel says why', async (t) => {
  t.timeout(300_000);
  await using tool = await Tool.make();
  const [first, second, third, ...rest] = await printed(tool, 'partition');
  t.is(first, 'stretched');
  // SIGBUS where it touched a page that is lost, SIGKILL where it computed on the node that is. The guests' ssh server
  // has no name for SIGBUS: it is SIGUNKNOWN then (UNNAMED_SIGNAL).
  t.regex(second ?? '', /^ended by (SIGUNKNOWN|SIGKILL|status 135|status 137)$/);
  t.regex(third ?? '', /^reason node 1 is lost \(-\d+\), /);
  t.deepEqual(rest, []);
});

declare('two-cells: figures of a run in virtual time', async (t) => {
  t.timeout(300_000);
  await using tool = await Tool.make();
  const [local, swap, digest, ...rest] = await printed(tool, 'two-cells');
  const figures = (text: string | undefined, system: string): readonly [number, number] => {
    const [, seconds, faults] =
      new RegExp(`^${system}: ([\\d.]+) s, (\\d+) major faults$`).exec(text ?? '') ?? [];
    return [Number(seconds), Number(faults)];
  };
  const [localSeconds, localFaults] = figures(local, 'local');
  const [swapSeconds, swapFaults] = figures(swap, 'nbd-swap');
  t.true(localSeconds > 0 && swapSeconds > localSeconds, `${String(local)}; ${String(swap)}`);
  t.true(swapFaults > 100 && swapFaults > localFaults, `${String(local)}; ${String(swap)}`);
  t.regex(digest ?? '', /^digest [0-9a-f]{64}$/);
  t.deepEqual(rest, []);
});
