// SPDX-License-Identifier: MIT
import type { TestbedStatus } from '../../testbed/supervisor/protocol.js';
import { StretchedNodes, withoutElasticOS, type StretchedProcess } from '../guest/stretched.js';
import { Tool } from '../guest/tool.js';

const BUSY = ['selfcheck', '512', '100000', 'random', '500'] as const;
const MIXED = ['mode=threshold', 'threshold=4', 'budget=128', 'delay=5'] as const;
const FUZZ_ROUNDS = 1000;

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

/** What `pair` says of a process that SIGKILL or SIGBUS ended. */
const ENDED_BY_SIGNAL = /^pair: ended, status (?:9|7|89|87)$/;

/**
 * Whatever goes wrong ends a stretched process soon, says why, and leaves nothing: the process or its shell killed, or the
 * connection cut, at each step; wrong messages; a node cut off; a node dead. On the debug variant, with all its checks.
 * @throws Error on the first case that ends otherwise
 */
export async function soakFaults(line: string, say: (text: string) => void): Promise<void> {
  const reason = withoutElasticOS(line, 'debug');
  if (reason !== undefined) {
    say(`${line} debug is left out: ${reason}`);
    return;
  }
  await using tool = await Tool.make();
  await tool.succeed('up', '--kernel', line, '--debug', '--nodes', '2', '--memory', '192M', '--no-flow');
  await using nodes = await StretchedNodes.join(tool);
  for (const action of ['kill', 'cut']) {
    for (const [node, steps] of Object.entries(STEPS)) {
      for (const step of steps) await failsAt(nodes, node, `${step} ${action}`);
    }
    say(`${action} at each step: over soon, and nothing left`);
  }
  await nodes.stopShells();
  await nodes.allGone();
  for (const what of ['shell', 'home']) {
    await tool.succeed('exec', 'node1', '--', 'fuzz', what, '1', String(FUZZ_ROUNDS));
    say(`${String(FUZZ_ROUNDS)} rounds of wrong messages to a ${what}`);
  }
  await nodes.startShells();
  await nodeIsCutOff(nodes);
  await nodeDies(nodes);
  say('a node cut off, a node dead: the process is ended, and the log says why');
}

async function failsAt(nodes: StretchedNodes, node: string, fault: string): Promise<void> {
  await nodes.arm(node, fault);
  // The first words may be what fails: then the process goes on alone, and is ended here.
  const patience = fault.includes(' 1 ') ? 'kill=2000' : 'kill=30000';
  const { stdout } = await nodes.run([...MIXED, patience], BUSY);
  hold(ENDED_BY_SIGNAL.test(lastLine(stdout)), `${fault} on ${node}: ${stdout}`);
  const state = await nodes.tool.succeed('exec', node, '--', 'cat', '/proc/elasticos_fault');
  hold(state.stdout === 'done\n', `${fault} on ${node} has not happened: ${stdout}`);
  await nodes.allGone();
}

/** Both sides find out within the lease; the one that is not home ends its shell. */
async function nodeIsCutOff(nodes: StretchedNodes): Promise<void> {
  await using process = await nodes.begin(MIXED, BUSY);
  await nodes.tool.succeed('partition', 'node2');
  await endsForLossOfNode(process);
  await nodes.tool.succeed('partition', 'node2', '--heal');
  await nodes.allGone();
}

async function nodeDies(nodes: StretchedNodes): Promise<void> {
  await using process = await nodes.begin(MIXED, BUSY);
  await nodes.tool.succeed('crash', 'node2');
  await endsForLossOfNode(process);
  const { nodes: status } = await nodes.tool.json<TestbedStatus>('status');
  hold(status[0]?.state === 'up', 'home has not survived');
}

async function endsForLossOfNode(process: StretchedProcess): Promise<void> {
  await process.ended(30_000);
  hold(ENDED_BY_SIGNAL.test(process.output.at(-1) ?? ''), process.output.join('\n'));
  const log = await process.on.tool.succeed('exec', 'node1', '--', 'dmesg');
  const why = new RegExp(`elasticos: process ${String(process.pid)}( killed)?: node 1 is lost`);
  hold(why.test(log.stdout), `no word of the lost node in the log: ${log.stdout}`);
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}

function hold(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise);
}
