// SPDX-License-Identifier: MIT
import test, { type ExecutionContext } from 'ava';
import { kernelsAtHand } from './kernels-at-hand.js';
import { withoutElasticOS } from './stretched.js';
import { Tool } from './tool.js';

/*
 * A node has network swap, and its processes are stretched when they outgrow it: other nodes come first.
 */

/** More than what is free on a node of 256M, and less than with what the other one lends beside the swap. */
const SEARCH = ['linear-search', '--bytes', '210M', '--seed', '1'];

for (const { line, missing } of kernelsAtHand('release')) {
  const why = missing ?? withoutElasticOS(line);
  const declare = why === undefined ? test.serial : test.serial.skip;
  const because = why === undefined ? '' : ` (${why})`;

  declare(`${line}: with swap on, pages of a stretched process go to other nodes${because}`, async (t) => {
    t.timeout(900_000);
    await using tool = await Tool.make();
    await tool.succeed('up', '--kernel', line, '--with', 'both', '--memory', '256M');
    await pushesAsWithoutSwap(t, tool);
  });
}

/** The budget that a process has by default is below what makes the kernel reclaim. */
async function pushesAsWithoutSwap(t: ExecutionContext, tool: Tool): Promise<void> {
  const beside = await pushed(t, tool);
  t.is(await figure(tool, '/proc/vmstat', 'pswpout'), 0, 'nothing was swapped');
  await tool.succeed('exec', 'node1', '--', 'swapoff', '/dev/nbd0');
  const without = await pushed(t, tool);
  await tool.succeed('exec', 'node1', '--', 'swapon', '/dev/nbd0');
  t.true(without > 1000, `${String(without)} pages were pushed`);
  t.true(
    Math.abs(beside - without) < without / 10,
    `${String(beside)} with swap, ${String(without)} without`,
  );
}

/** Pages pushed by a search that is run under the manager. */
async function pushed(t: ExecutionContext, tool: Tool): Promise<number> {
  const before = await figure(tool, '/proc/elasticos', 'pushed_pages');
  const { code, stderr } = await tool.run(['exec', 'node1', '--', 'elastic', 'run', '--', ...SEARCH]);
  t.is(code, 0, stderr);
  return (await figure(tool, '/proc/elasticos', 'pushed_pages')) - before;
}

/** The sum of a figure's lines in a file of node1. */
async function figure(tool: Tool, file: string, name: string): Promise<number> {
  const sum = `$1 == "${name}" { sum += $2 } END { print sum + 0 }`;
  return Number((await tool.succeed('exec', 'node1', '--', 'awk', sum, file)).stdout);
}
