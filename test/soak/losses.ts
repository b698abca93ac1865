// SPDX-License-Identifier: MIT
import { systemClock } from '../../testbed/base/clock/clock.js';
import { pollUntil } from '../../testbed/base/clock/deadline.js';
import type { TestbedStatus } from '../../testbed/supervisor/protocol.js';
import {
  counters,
  ENDED_BY_SIGNAL,
  StretchedNodes,
  withoutElasticOS,
  type StretchedProcess,
} from '../guest/stretched.js';
import { Tool } from '../guest/tool.js';
import type { ElasticSoak } from './elasticos.js';
import { BUSY, MIXED } from './faults.js';
import { findNoLeaks } from './leaks.js';

/** `pair` gives a lease of six seconds. A guest's seconds can be longer than ours where the host is busy. */
const ENDS_WITHIN_MS = 30_000;

/**
 * A node cut off, a node dead: within the lease nothing of the process runs anywhere, and the log of who survives says why. Signals
 * for a shell, and the loss of a node that a process does not need, are not the end.
 * @throws Error on the first case that ends otherwise
 */
export async function soakLosses({ line, say, signal }: ElasticSoak): Promise<void> {
  const debug = withoutElasticOS(line, 'debug') === undefined ? ['--debug'] : [];
  const up = ['up', '--kernel', line, ...debug, '--memory', '192M', '--no-flow'];
  {
    await using tool = await Tool.make({}, signal);
    await tool.succeed(...up, '--nodes', '2');
    await using nodes = await StretchedNodes.join(tool);
    await nodeIsCutOff(nodes, say);
    await shellGetsSignals(nodes, say);
    await nodeDies(nodes, say);
    if (debug.length > 0) await findNoLeaks(tool);
  }
  await using tool = await Tool.make({}, signal);
  await tool.succeed(...up, '--nodes', '3');
  await using nodes = await StretchedNodes.join(tool);
  await thirdNodeDies(nodes, say);
}

/** Both sides find out within the lease; the one that is not home ends its shell. */
async function nodeIsCutOff(nodes: StretchedNodes, say: ElasticSoak['say']): Promise<void> {
  await using process = await nodes.begin(MIXED, BUSY);
  await nodes.tool.succeed('partition', 'node2');
  const seconds = await endsForLossOfNode(process);
  await nodes.tool.succeed('partition', 'node2', '--heal');
  await nodes.allGone();
  const log = await nodes.tool.succeed('exec', 'node2', '--', 'dmesg');
  hold(
    /elasticos: shell \d+ killed: home is lost/.test(log.stdout),
    `no word of the lost home: ${log.stdout}`,
  );
  say(`a node cut off: ended after ${seconds} s on both sides, and the logs say why`);
}

/** Signals for a shell that are none of the process's: it goes on serving, and does not spin. */
async function shellGetsSignals(nodes: StretchedNodes, say: ElasticSoak['say']): Promise<void> {
  await using process = await nodes.begin(['mode=sticky', 'budget=128', 'delay=5'], BUSY);
  const [, shell = NaN] = await process.pids();
  for (const name of ['STOP', 'TERM', 'USR1', 'CONT'])
    await nodes.tool.succeed('exec', 'node2', '--', 'kill', `-${name}`, String(shell));
  const served = async (): Promise<number> => {
    const blocks = (await nodes.sessions())[1] ?? [];
    return Number(blocks[0]?.get('served_pulls'));
  };
  const before = await served();
  hold((await process.prove()).wrong === 0, 'a page is in two places');
  const after = await served();
  hold(after > before, `the shell has served ${String(before)} and then ${String(after)} pulls`);
  await process.kill();
  await nodes.allGone();
  say('signals to a shell: it goes on');
}

async function nodeDies(nodes: StretchedNodes, say: ElasticSoak['say']): Promise<void> {
  await using process = await nodes.begin(MIXED, BUSY);
  await nodes.tool.succeed('crash', 'node2');
  const seconds = await endsForLossOfNode(process);
  const { nodes: status } = await nodes.tool.json<TestbedStatus>('status');
  hold(status[0]?.state === 'up', 'home has not survived');
  say(`a node dead: ended after ${seconds} s, and the log says why`);
}

/** What runs on the second node when the third is lost, which has nothing of it, goes on. */
async function thirdNodeDies(nodes: StretchedNodes, say: ElasticSoak['say']): Promise<void> {
  await using process = await nodes.begin(['mode=migrate', 'target=1', 'delay=5'], BUSY);
  const { tool } = nodes;
  await tool.succeed('crash', 'node3');
  const lost = `until dmesg | grep -q "process ${String(process.pid)}: node 2 is lost"; do usleep 20000; done`;
  await tool.succeed('exec', 'node1', '--', 'timeout', '30', 'sh', '-c', lost);
  const epoch = async (): Promise<number> => {
    const { stdout } = await tool.succeed('exec', 'node1', '--', 'cat', '/proc/elasticos');
    return Number(counters(stdout).get('epoch') ?? NaN);
  };
  const before = await epoch();
  const wait = { what: 'jumps after the loss', deadlineMs: ENDS_WITHIN_MS, everyMs: 200, clock: systemClock };
  await pollUntil(wait, async () => (await epoch()) > before + 4 || undefined);
  hold(!process.output.some((text) => text.startsWith('selfcheck: ')), process.output.join('\n'));
  await process.kill();
  say('a third node dead: what runs on the second comes home and goes on');
}

/** @returns seconds until its end */
async function endsForLossOfNode(process: StretchedProcess): Promise<string> {
  const begun = systemClock.now();
  await process.ended(ENDS_WITHIN_MS);
  hold(ENDED_BY_SIGNAL.test(process.output.at(-1) ?? ''), process.output.join('\n'));
  const seconds = (systemClock.now() - begun) / 1000;
  const module = await process.on.tool.succeed('exec', 'node1', '--', 'cat', '/proc/elasticos');
  hold(/^reason node 1 is lost/m.test(module.stdout), `no word of the lost node: ${module.stdout}`);
  const log = await process.on.tool.succeed('exec', 'node1', '--', 'dmesg');
  const why = new RegExp(`elasticos: process ${String(process.pid)}( killed)?: node 1 is lost`);
  hold(why.test(log.stdout), `no word of the lost node in the log: ${log.stdout}`);
  return seconds.toFixed(1);
}

function hold(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise);
}
