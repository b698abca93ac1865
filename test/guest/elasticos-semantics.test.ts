// SPDX-License-Identifier: MIT
import test, { type ExecutionContext } from 'ava';
import { survivesDebiansTracers } from './debian-tracers.js';
import { kernelsAtHand } from './kernels-at-hand.js';
import { ALWAYS_JUMP, mixed, StretchedNodes, withoutElasticOS } from './stretched.js';
import { Tool } from './tool.js';

/*
 * What a program may rely on, and finds as it is on one machine.
 */

/** The process computes on node2, and comes home for its system calls only. */
const MIGRATED = ['mode=migrate', 'target=1', 'budget=512', 'delay=5'] as const;

for (const { line, missing } of kernelsAtHand('release')) {
  const reason = missing ?? withoutElasticOS(line);
  const declare = reason === undefined ? test.serial : test.serial.skip;
  const because = reason === undefined ? '' : ` (${reason})`;

  declare(`${line}: a stretched program finds what it finds on one machine${because}`, async (t) => {
    t.timeout(600_000);
    await using tool = await Tool.make();
    // a file system in RAM has no O_DIRECT
    await tool.succeed('up', '--kernel', line, '--image', 'tools', '--memory', '128M', '--no-flow');
    await using nodes = await StretchedNodes.join(tool);
    await countsTimeElsewhere(t, nodes);
    await goesOnAsUsual(t, nodes);
    await endsAnInstructionOfSeveralNodes(t, nodes);
    await getsOnUnderAQuickTimer(t, nodes);
    await survivesDebiansTracers(t, nodes);
    await nodes.allGone();
  });
}

/** Processor time of another node is the process's: meters, timers and limits know of it. */
async function countsTimeElsewhere(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const before = await arrivals(nodes);
  const { code, stdout } = await nodes.run(MIGRATED, ['clocks', '3']);
  t.is(code, 0, stdout);
  t.regex(stdout, /^clocks: 0 wrong$/m);
  t.true((await arrivals(nodes)) > before, 'it was on node2');
}

/** Advice of all kinds, mremap, fork, signals with a stack of their own, O_DIRECT, and at last a storm of threads. */
async function goesOnAsUsual(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const before = await arrivals(nodes);
  const { code, stdout } = await nodes.run(mixed(96), ['ordinary', '384', '/var']);
  t.is(code, 0, stdout);
  for (const part of ['advice', 'remaps', 'forks', 'signals', 'direct', 'threads'])
    t.regex(stdout, new RegExp(`^ordinary: ${part}: 0 wrong$`, 'm'));
  t.true((await arrivals(nodes)) > before + 20, 'it was on node2 again and again');
}

/** An instruction needs a page that only home has, and two from elsewhere, and the execution goes to each page at once. */
async function endsAnInstructionOfSeveralNodes(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const before = await arrivals(nodes);
  const eager = [...ALWAYS_JUMP, 'threshold=1', 'kill=60000'];
  const { code, stdout } = await nodes.run(eager, ['straddle', '256', '20']);
  t.is(code, 0, stdout);
  t.regex(stdout, /^straddle: 0 wrong$/m);
  t.true((await arrivals(nodes)) >= before + 20, 'each of them went to node2');
}

/** A timer rings more often than the execution can come home and go back. */
async function getsOnUnderAQuickTimer(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const before = await arrivals(nodes);
  const { code, stdout } = await nodes.run([...MIGRATED, 'kill=60000'], ['hasty', '128']);
  t.is(code, 0, stdout);
  t.regex(stdout, /^hasty: 0 wrong, \d+ alarms$/m);
  t.true((await arrivals(nodes)) > before, 'it was on node2');
}

/** How often an execution has come to node2, of ended sessions too. */
async function arrivals(nodes: StretchedNodes): Promise<number> {
  return await nodes.counted('jumps_in', ['node2']);
}
