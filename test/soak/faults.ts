// SPDX-License-Identifier: MIT
import { systemClock } from '../../testbed/base/clock/clock.js';
import { ENDED_BY_SIGNAL, mixed, StretchedNodes, withoutElasticOS } from '../guest/stretched.js';
import { Tool } from '../guest/tool.js';
import type { ElasticSoak } from './elasticos.js';
import { findNoLeaks } from './leaks.js';

/** A process that makes all steps of the protocol again and again, as a command and as options of `pair home`. */
export const BUSY = ['selfcheck', '512', '100000', 'random', '500'] as const;
export const MIXED = mixed(128);

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

/** Milliseconds for a step to come. The first words are over at once, and when they fail the process goes on alone. */
const FIRST_WORDS_MS = 2000;
const LATER_MS = 60_000;

/**
 * The process or its shell killed, or the connection cut, at each step: soon the process has ended by a signal, and nothing
 * is left on any node. On the debug variant, with all its checks.
 * @throws Error with the steps that end otherwise
 */
export async function soakFaults({ line, at, say, signal }: ElasticSoak): Promise<void> {
  const reason = withoutElasticOS(line, 'debug');
  if (reason !== undefined) throw new Error(`${line} debug has no fault points: ${reason}`);
  await using tool = await Tool.make({}, signal);
  await tool.succeed('up', '--kernel', line, '--debug', '--nodes', '2', '--memory', '192M', '--no-flow');
  await using nodes = await StretchedNodes.join(tool);
  for (const action of ['kill', 'cut']) {
    for (const [node, steps] of Object.entries(STEPS)) {
      for (const step of steps) {
        const fault = `${step} ${action}`;
        if (`${node} ${fault}`.includes(at)) await failsAt(nodes, node, fault, say);
      }
    }
  }
  await nodes.stopShells();
  await nodes.allGone();
  await findNoLeaks(tool);
}

async function failsAt(
  nodes: StretchedNodes,
  node: string,
  fault: string,
  say: ElasticSoak['say'],
): Promise<void> {
  const begun = systemClock.now();
  await nodes.arm(node, fault);
  const patience = fault.includes(' 1 ') ? FIRST_WORDS_MS : LATER_MS;
  const { stdout } = await nodes.run([...MIXED, `kill=${String(patience)}`], BUSY);
  const state = await nodes.tool.succeed('exec', node, '--', 'cat', '/proc/elasticos_fault');
  if (state.stdout !== 'done\n') throw new Error(`${fault} on ${node} has not happened: ${stdout}`);
  if (!ENDED_BY_SIGNAL.test(stdout.trimEnd().split('\n').at(-1) ?? ''))
    throw new Error(`${fault} on ${node}: ${stdout}`);
  await nodes.allGone();
  say(`${fault} on ${node}: over in ${((systemClock.now() - begun) / 1000).toFixed(1)} s, and nothing left`);
}
