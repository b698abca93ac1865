// SPDX-License-Identifier: MIT
import test, { type ExecutionContext } from 'ava';
import { kernelsAtHand } from './kernels-at-hand.js';
import { ALWAYS_JUMP, ENDED_BY_SIGNAL, mixed, StretchedNodes, withoutElasticOS } from './stretched.js';
import { Tool } from './tool.js';

/** These kernels are slow: on a busy host a node is silent for seconds. Only the last steps are about silence. */
const PATIENT = 'lease=60000';
const STICKY = ['mode=sticky', 'budget=128', 'delay=5'] as const;
/** Longer than any step here takes; SIGTERM ends it before. */
const LONG_HOLD = ['onlooker', 'hold', '512', '600'] as const;
/** As often as possible to the other node. */
const RESTLESS = ['mode=threshold', 'threshold=2', 'window=1', 'budget=96', 'delay=5', PATIENT] as const;
const BUSY = ['selfcheck', '512', '100000', 'random', '500'] as const;

for (const { line, missing } of kernelsAtHand('debug')) {
  const reason = missing ?? withoutElasticOS(line, 'debug');
  const declare = reason === undefined ? test.serial : test.serial.skip;
  const because = reason === undefined ? '' : ` (${reason})`;

  declare(`${line} debug: what goes wrong on purpose ends as it has to${because}`, async (t) => {
    t.timeout(1_200_000);
    await using tool = await Tool.make();
    await tool.succeed('up', '--kernel', line, '--debug', '--nodes', '2', '--memory', '192M', '--no-flow');
    await using nodes = await StretchedNodes.join(tool);
    await using process = await nodes.begin([...STICKY, PATIENT], BUSY);
    t.is((await process.prove()).wrong, 0);

    await nodes.arm('node1', 'sent PUSH 1 keep');
    await nodes.firedOn('node1');
    const { wrong, complaints } = await process.prove();
    t.is(wrong, 1);
    t.regex(complaints[0] ?? '', /has 2 owners/);

    // It may have met its duplicate by now, and not survived that.
    await process.kill();
    await nodes.allGone();

    await staysAtHome(t, nodes);
    await outlivesAJump(t, nodes);
    await endsForTaskThatHangs(t, nodes, 'received PULL 9 hang', STICKY);
    await endsForTaskThatHangs(t, nodes, 'received JUMP 9 hang', mixed(128));
  });

  declare(`${line} debug: a node that cannot be told keeps no other from being told${because}`, async (t) => {
    t.timeout(1_200_000);
    await using tool = await Tool.make();
    await tool.succeed('up', '--kernel', line, '--debug', '--nodes', '3', '--memory', '192M', '--no-flow');
    // All pages are on node 2; it is node 1 that does not hear what is discarded.
    await using nodes = await StretchedNodes.join(tool, { shellBudgets: [1, 8192] });
    await nodes.arm('node1', 'send DISCARD 1 cut');
    const { code, stdout, stderr } = await nodes.run(RESTLESS, ['readonly', 'writable', '2']);
    await nodes.firedOn('node1');
    t.is(code, 0, stdout + stderr);
    t.regex(stdout, /^readonly: writable: 0 of /m);
    await nodes.allGone();
  });
}

/** Registers that cannot travel (AMX) are no reason to die: the process goes on at home. */
async function staysAtHome(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  await using process = await nodes.begin([...ALWAYS_JUMP, PATIENT], LONG_HOLD);
  await nodes.arm('node1', 'send JUMP 1 refuse');
  await nodes.firedOn('node1');
  const { wrong } = await process.prove();
  t.is(wrong, 0);
  await process.signal('TERM');
  t.is(await process.ended(), 0, process.output.join('\n'));
  t.true(process.output.includes('hold: 0 wrong, busy'), process.output.join('\n'));
  await nodes.allGone();
}

/**
 * A jump that was not sent leaves the registers here: nobody kills the process, and it gets a signal of its own when it
 * misses a page of the lost node. It cannot handle SIGBUS when its stack, which was to go along, is such a page.
 */
async function outlivesAJump(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  await using process = await nodes.begin([...ALWAYS_JUMP, PATIENT], LONG_HOLD);
  await nodes.arm('node1', 'send JUMP 1 cut');
  await process.ended();
  t.regex(process.output.join('\n'), /^pair: ended, status (?:300|7|b|87|8b)$/m);
  await nodes.allGone();
}

/** A shell's task hangs, out of reach of signals, and its kernel goes on acknowledging. */
async function endsForTaskThatHangs(
  t: ExecutionContext,
  nodes: StretchedNodes,
  fault: string,
  policy: readonly string[],
): Promise<void> {
  await nodes.arm('node2', fault);
  const { stdout } = await nodes.run([...policy, 'lease=3000'], BUSY);
  t.regex(stdout.trimEnd().split('\n').at(-1) ?? '', ENDED_BY_SIGNAL, stdout);
  const { stdout: module } = await nodes.tool.succeed('exec', 'node1', '--', 'cat', '/proc/elasticos');
  t.regex(module, /^reason node 1 is lost \(-110\), /m);
  // Whatever is written lets it go on. It finds that its home has gone.
  await nodes.arm('node2', 'send HELLO 0 cut');
  await nodes.allGone();
}
