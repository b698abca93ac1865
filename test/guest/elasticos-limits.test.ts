// SPDX-License-Identifier: MIT
import test, { type ExecutionContext } from 'ava';
import { kernelsAtHand } from './kernels-at-hand.js';
import { StretchedNodes, withoutElasticOS } from './stretched.js';
import { Tool } from './tool.js';

/** Pages that home may have, and a process four times as large. */
const BUDGET = 1024;
const PAGES = 4 * BUDGET;
/** What a process may have beyond its budget: pages of files, and two batches on their way. */
const BEYOND = 384;

/** More than home has memory for, and less than all nodes have. */
const LARGE = 28_000;

/** Rounds of a loop that writes to a file and touches pages that were pushed. */
const ERRANDS = 600;

/** Steps of a recursion, each of which takes a page of stack. */
const STEPS = 256;

for (const { line, missing } of kernelsAtHand('release')) {
  const reason = missing ?? withoutElasticOS(line);
  const declare = reason === undefined ? test.serial : test.serial.skip;
  const because = reason === undefined ? '' : ` (${reason})`;

  declare(`${line}: a system call keeps to what home has${because}`, async (t) => {
    t.timeout(600_000);
    await using tool = await Tool.make();
    await tool.succeed('up', '--kernel', line, '--nodes', '3', '--memory', '128M', '--no-flow');
    await using nodes = await StretchedNodes.join(tool, { shellBudgets: [14_000, 14_000] });
    for (const how of ['read', 'copy', 'populate', 'lock', 'move', 'protect'])
      await keepsToItsBudget(t, nodes, how);
    await forksForAChild(t, nodes);
    await restsBesideAChild(t, nodes);
    await learnsFromErrands(t, nodes);
    await takesStackAlong(t, nodes);
    await forksOnlyWhatFits(t, nodes);
    await nodes.allGone();
  });
}

/** However many pages a system call makes resident, they are pushed while it runs. */
async function keepsToItsBudget(t: ExecutionContext, nodes: StretchedNodes, how: string): Promise<void> {
  const { code, stdout } = await appetite(nodes, how, PAGES, BUDGET);
  t.is(code, 0, stdout);
  const most = new RegExp(String.raw`^appetite: ${how}: done, (\d+) pages at most, 0 wrong$`, 'm').exec(
    stdout,
  );
  t.true(Number(most?.[1]) < BUDGET + BEYOND, stdout);
}

/** A child of vfork that forks brings all pages home for its own child. */
async function forksForAChild(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const { code, stdout } = await appetite(nodes, 'vfork', PAGES, BUDGET);
  t.is(code, 0, stdout);
  t.regex(stdout, /^appetite: vfork: done, \d+ pages at most, 0 wrong$/m);
}

/** Where pages cannot go, since a child has them too, nobody looks for them all the time. */
async function restsBesideAChild(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const before = await nodes.counted('clock_rounds');
  const { code, stdout } = await appetite(nodes, 'child', PAGES, BUDGET);
  t.is(code, 0, stdout);
  t.regex(stdout, /^appetite: child: done, \d+ pages at most, 0 wrong$/m);
  // it touches as many pages, each of which could have the hand go round four times
  t.true((await nodes.counted('clock_rounds')) - before < PAGES, 'rounds of the hand');
}

/** Each system call brings the execution home, so that no jump pays, and adaptive comes to know it. */
async function learnsFromErrands(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const before = await nodes.counted('jumps_out');
  const options = ['mode=adaptive', 'threshold=2', 'window=1', 'budget=512', 'delay=5'];
  const { code, stdout } = await nodes.run(options, ['errand', String(ERRANDS), '2']);
  t.is(code, 0, stdout);
  t.regex(stdout, /^errand: 0 wrong$/m);
  const jumps = (await nodes.counted('jumps_out')) - before;
  t.true(jumps > 0 && jumps < ERRANDS / 4, `${String(jumps)} jumps`);
}

/** Of many pages by which the stack grows elsewhere, few take the execution home. */
async function takesStackAlong(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const before = await nodes.counted('forced_bad_area');
  const options = ['mode=threshold', 'threshold=2', 'window=1', 'budget=256', 'delay=5'];
  const { code, stdout } = await nodes.run(options, ['deep', String(STEPS), '2']);
  t.is(code, 0, stdout);
  t.regex(stdout, /^deep: 0 wrong$/m);
  const homeward = (await nodes.counted('forced_bad_area')) - before;
  t.true(homeward < STEPS / 8, `${String(homeward)} bad areas`);
}

/** What cannot be brought home is refused, and nothing is killed for it. */
async function forksOnlyWhatFits(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const { code, stdout } = await appetite(nodes, 'fork', LARGE, PAGES);
  t.is(code, 0, stdout);
  t.regex(stdout, /^appetite: fork: Cannot allocate memory, \d+ pages at most, 0 wrong$/m);
  const log = await nodes.tool.succeed('exec', nodes.home.name, '--', 'dmesg');
  t.notRegex(log.stdout, /invoked oom-killer/);
}

async function appetite(
  nodes: StretchedNodes,
  how: string,
  pages: number,
  budget: number,
): Promise<{ readonly code: number | undefined; readonly stdout: string }> {
  const options = ['mode=sticky', `budget=${String(budget)}`, 'delay=5'];
  const argv = ['appetite', how, String(pages), String(nodes.nodes.length - 1)];
  return await nodes.run(options, argv);
}
