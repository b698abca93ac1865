// SPDX-License-Identifier: MIT
import { isDeepStrictEqual } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { pollUntil } from '../../testbed/base/clock/deadline.js';
import { kernelsAtHand } from './kernels-at-hand.js';
import { ALWAYS_JUMP, ENDED_BY_SIGNAL, StretchedNodes, withoutElasticOS } from './stretched.js';
import { Tool } from './tool.js';

const LEASE_MS = 3000;
const LEASE = `lease=${String(LEASE_MS)}`;
/** One that runs on a node from its start, and goes back there after each system call. */
const RUNS_ON_NODE2 = ['mode=migrate', 'target=1', 'delay=20', LEASE] as const;
const WATCHES_ITS_MEMORY = ['holder', '64'] as const;
/** A guest's seconds can be longer than ours where the host is busy. */
const PATIENCE_MS = 30_000;

/** What `mute` is in the place of another node, and how whatever needs it ends. See guests/elastic/trials/mute.c. */
const SILENT = [
  ['question', 7],
  ['execution', 9],
  ['byte', 9],
] as const;
const BEATING = ['work', 'run'] as const;

for (const { line, missing } of kernelsAtHand('release')) {
  const reason = missing ?? withoutElasticOS(line);
  const declare = reason === undefined ? test.serial : test.serial.skip;
  const because = reason === undefined ? '' : ` (${reason})`;

  declare(
    `${line}: a loss ends a process within the lease and says why, and what is no loss does not${because}`,
    async (t) => {
      t.timeout(600_000);
      await using tool = await Tool.make();
      await tool.succeed('up', '--kernel', line, '--nodes', '3', '--memory', '128M', '--no-flow');
      await using nodes = await StretchedNodes.join(tool);
      await silentNodes(t, tool);
      await aStopIsNoLoss(t, nodes);
      await aKilledHolderLeavesItsMutex(t, nodes);
      await aPageIsFoundPastADeadNode(t, nodes);
      await aConnectionBetweenOthersIsLost(t, nodes);
    },
  );
}

/** The kernel of the other node acknowledges all along: only what its task says proves that it lives. */
async function silentNodes(t: ExecutionContext, tool: Tool): Promise<void> {
  const lease = 4000;
  const mute = async (what: string): Promise<string> =>
    (await tool.succeed('exec', 'node1', '--', 'mute', what, String(lease))).stdout.trim();
  const silent = SILENT.map(async ([what, signal]) => {
    const said = await mute(what);
    const [, got, ms] = /: signal (\d+) after (\d+) ms$/.exec(said) ?? [];
    t.is(Number(got), signal, said);
    t.true(Number(ms) < 1.5 * lease, said);
  });
  const beating = BEATING.map(async (what) => {
    t.regex(await mute(what), /: alive after \d+ ms$/);
  });
  await Promise.all([...silent, ...beating]);
}

/** Its user stops it for longer than the lease: it is at home then, and nobody waits for it. */
async function aStopIsNoLoss(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  await using process = await nodes.begin(RUNS_ON_NODE2, WATCHES_ITS_MEMORY);
  await process.signal('STOP');
  await systemClock.sleep(2 * LEASE_MS);
  await process.signal('CONT');
  await process.signal('USR1');
  await process.says(/^holder: visit 1 wrong 0$/);
  await process.kill();
  await nodes.allGone();
  t.pass();
}

/** It computes on node2 for two leases without a word, holding a mutex, and is killed. */
async function aKilledHolderLeavesItsMutex(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const { tool } = nodes;
  const file = '/tmp/heir';
  await using process = await nodes.begin(RUNS_ON_NODE2, ['heir', file]);
  await process.signal('USR1');
  const away = ['parked', 'running', 'parked'];
  const wait = { what: 'its departure', deadlineMs: PATIENCE_MS, everyMs: 100, clock: systemClock };
  await pollUntil(wait, async () => isDeepStrictEqual(await states(nodes), away) || undefined);
  await systemClock.sleep(2 * LEASE_MS);
  t.deepEqual(await states(nodes), away);
  await process.signal('KILL');
  await process.ended(PATIENCE_MS);
  const written = `until [ -s ${file} ]; do usleep 20000; done; cat ${file}`;
  const { stdout } = await tool.run(['exec', 'node1', '--', 'timeout', '20', 'sh', '-c', written]);
  t.is(stdout, 'Owner died\n');
  await nodes.allGone();
}

/** All pages go to node2, then on to node3. Home has heard of the first move only when node2 dies. */
async function aPageIsFoundPastADeadNode(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  await using process = await nodes.begin(RUNS_ON_NODE2, WATCHES_ITS_MEMORY);
  const visit = async (number: number): Promise<void> => {
    await process.signal('USR1');
    await process.says(new RegExp(`^holder: visit ${String(number)} wrong 0$`));
  };
  await visit(1);
  const policy = async (...options: readonly string[]): Promise<void> => {
    await nodes.tool.succeed('exec', 'node1', '--', 'pair', 'policy', String(process.pid), ...options);
  };
  await policy('mode=migrate', 'target=2');
  await visit(2);
  await policy('mode=sticky');
  const [, shell] = await process.pids();
  await nodes.tool.succeed('exec', 'node2', '--', 'kill', '-KILL', String(shell));
  await reasonAtHome(nodes, /^node 1 is lost/);
  await visit(3);
  await process.kill();
  await nodes.allGone();
  t.pass();
}

/** Frames from node2 to node3 go nowhere, while the execution jumps between them all the time. */
async function aConnectionBetweenOthersIsLost(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  const { tool } = nodes;
  const [, , third] = nodes.nodes;
  const address = third?.address ?? '';
  const [, route] = /dev (\S+)/.exec(await ip(tool, 'route', 'get', address)) ?? [];
  const device = route ?? '';
  await using process = await nodes.begin([...ALWAYS_JUMP, LEASE], ['selfcheck', '200', '100000', 'random']);
  await ip(
    tool,
    'neigh',
    'replace',
    address,
    'lladdr',
    '02:00:00:00:00:99',
    'nud',
    'permanent',
    'dev',
    device,
  );
  const begun = systemClock.now();
  await process.ended(PATIENCE_MS);
  t.log(`ended ${String(systemClock.now() - begun)} ms after the cut, lease ${String(LEASE_MS)} ms`);
  t.regex(process.output.at(-1) ?? '', ENDED_BY_SIGNAL);
  await ip(tool, 'neigh', 'del', address, 'dev', device);
  await nodes.allGone();
  await reasonAtHome(
    nodes,
    /^nodes [12] and [12] are alive and have lost each other$|^node [12] is lost \(-110\), and the registers with it$/,
  );
}

async function ip(tool: Tool, ...argv: readonly string[]): Promise<string> {
  return (await tool.succeed('exec', 'node2', '--', 'ip', ...argv)).stdout;
}

/** Of the only process, by node. */
async function states(nodes: StretchedNodes): Promise<readonly (string | undefined)[]> {
  return (await nodes.sessions()).map((blocks) => blocks[0]?.get('state'));
}

/** Waits for a reason in home's /proc/elasticos, of a process that lives or has ended. */
async function reasonAtHome({ tool, home }: StretchedNodes, pattern: RegExp): Promise<void> {
  const wait = {
    what: `the reason ${String(pattern)}`,
    deadlineMs: PATIENCE_MS,
    everyMs: 200,
    clock: systemClock,
  };
  await pollUntil(wait, async () => {
    const { stdout } = await tool.succeed('exec', home.name, '--', 'cat', '/proc/elasticos');
    const reasons = [...stdout.matchAll(/^reason (.*)$/gm)].map(([, text]) => text ?? '');
    return reasons.some((text) => pattern.test(text)) || undefined;
  });
}
