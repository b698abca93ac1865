// SPDX-License-Identifier: MIT
import test, { type ExecutionContext } from 'ava';
import type { TestbedStatus } from '../../testbed/supervisor/protocol.js';
import { kernelsAtHand } from './kernels-at-hand.js';
import { StretchedNodes, withoutElasticOS } from './stretched.js';
import { Tool } from './tool.js';

const BUSY = ['selfcheck', '512', '100000', 'random', '500'] as const;
const MIXED = ['mode=threshold', 'threshold=4', 'budget=128', 'delay=5'] as const;

/** Steps of the protocol, on the node that takes them; the N-th time each. */
const STEPS = {
  node1: [
    'sent HELLO 1',
    'sent META 1',
    'sent PULL 9',
    'sent PUSH 9',
    'sent JUMP 9',
    'received PAGES 9',
    'received JUMP 9',
  ],
  node2: [
    'sent HELLO 1',
    'received META 1',
    'sent PAGES 9',
    'received PUSH 9',
    'received JUMP 9',
    'sent JUMP 9',
    'sent PULL 9',
  ],
} as const;

/** What `pair` says of a process that a signal ended: SIGKILL or SIGBUS. */
const ENDED_BY_SIGNAL = /^pair: ended, status (?:9|7|89|87)$/;

for (const { line, missing } of kernelsAtHand('debug')) {
  const reason = missing ?? withoutElasticOS(line, 'debug');
  const declare = reason === undefined ? test.serial : test.serial.skip;
  const because = reason === undefined ? '' : ` (${reason})`;

  declare(
    `${line} debug: whatever goes wrong ends a stretched process soon, says why, and leaves nothing${because}`,
    async (t) => {
      t.timeout(1_200_000);
      await using tool = await Tool.make();
      await tool.succeed('up', '--kernel', line, '--debug', '--nodes', '2', '--memory', '192M', '--no-flow');
      await using nodes = await StretchedNodes.join(tool);
      await findsADuplicate(t, nodes);
      for (const action of ['kill', 'cut'])
        for (const [node, steps] of Object.entries(STEPS))
          for (const step of steps) await failsAt(t, nodes, node, `${step} ${action}`);
      await nodes.stopShells();
      await nodes.allGone();
      for (const what of ['shell', 'home']) {
        const { stdout } = await tool.succeed('exec', 'node1', '--', 'fuzz', what, '1', '150');
        t.is(stdout.trim().split('\n').at(-1), 'fuzz: 150 rounds');
      }
      await nodes.startShells();
      await nodeIsCutOff(t, nodes);
      await nodeDies(t, nodes);
    },
  );
}

/** The kernel is made to keep a page that it has pushed: the checker says so. */
async function findsADuplicate(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  await using process = await nodes.begin(['mode=sticky', 'budget=128', 'delay=5'], BUSY);
  t.is((await process.prove()).wrong, 0);
  await arm(nodes, 'node1', 'sent PUSH 1 keep');
  const fired = 'until grep -q done /proc/elasticos_fault; do usleep 20000; done';
  await nodes.tool.succeed('exec', 'node1', '--', 'timeout', '30', 'sh', '-c', fired);
  const { wrong, complaints } = await process.prove();
  t.is(wrong, 1);
  t.regex(complaints[0] ?? '', /has 2 owners/);
  // It may have met its duplicate by now, and not survived that.
  await process.kill();
  await nodes.allGone();
}

async function arm(nodes: StretchedNodes, node: string, fault: string): Promise<void> {
  await nodes.tool.succeed('exec', node, '--', 'sh', '-c', `echo ${fault} >/proc/elasticos_fault`);
}

async function failsAt(
  t: ExecutionContext,
  nodes: StretchedNodes,
  node: string,
  fault: string,
): Promise<void> {
  await arm(nodes, node, fault);
  // The first words may be what fails: then the process goes on alone, and is ended here.
  const patience = fault.includes(' 1 ') ? 'kill=2000' : 'kill=30000';
  const { code, stdout } = await nodes.run([...MIXED, patience], BUSY);
  t.is(code, 128, `${fault} on ${node}: ${stdout}`);
  t.regex(stdout.trimEnd().split('\n').at(-1) ?? '', ENDED_BY_SIGNAL);
  const state = await nodes.tool.succeed('exec', node, '--', 'cat', '/proc/elasticos_fault');
  t.is(state.stdout, 'done\n', `${fault} on ${node} has happened: ${stdout}`);
  await nodes.allGone();
}

/** Both sides find out within the lease; the one that is not home fences itself. */
async function nodeIsCutOff(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const { tool } = nodes;
  await using process = await nodes.begin(MIXED, BUSY);
  await tool.succeed('partition', 'node2');
  t.is(await process.ended(30_000), 128);
  t.regex(process.output.at(-1) ?? '', ENDED_BY_SIGNAL);
  await saysWhy(t, nodes, process.pid);
  await tool.succeed('partition', 'node2', '--heal');
  await nodes.allGone();
}

async function nodeDies(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  await using process = await nodes.begin(MIXED, BUSY);
  await nodes.tool.succeed('crash', 'node2');
  t.is(await process.ended(30_000), 128);
  t.regex(process.output.at(-1) ?? '', ENDED_BY_SIGNAL);
  await saysWhy(t, nodes, process.pid);
  const { nodes: status } = await nodes.tool.json<TestbedStatus>('status');
  t.is(status[0]?.state, 'up', 'home has survived');
}

async function saysWhy(t: ExecutionContext, { tool }: StretchedNodes, pid: number): Promise<void> {
  const { stdout } = await tool.succeed('exec', 'node1', '--', 'dmesg');
  t.regex(stdout, new RegExp(`elasticos: process ${String(pid)}( killed)?: node 1 is lost`));
}
