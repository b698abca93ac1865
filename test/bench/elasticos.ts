// SPDX-License-Identifier: MIT
import { createInterface } from 'node:readline';
import type { Finished } from '../../testbed/base/process/process-runner.js';
import { ALWAYS_JUMP, counters, StretchedNodes } from '../guest/stretched.js';
import type { Tool } from '../guest/tool.js';
import { type Figure, median } from './figure.js';

const ROUNDS = 3;
/** Half of the pages may be at home, each fault asks for one page, nothing ever jumps and nothing is written. */
const PULLING = ['mode=sticky', 'window=1', 'budget=512', 'delay=5'] as const;
const PULLED = ['linear-search', '--bytes', '4M'] as const;
/** The process has 50 mappings more than it needs. */
const JUMPED = ['selfcheck', '200', '60', 'random', '0', '50'] as const;
/** The same process, and nothing is pushed: what stretching itself takes. */
const STRETCHING = ['mode=sticky', 'budget=0', 'delay=5'] as const;
/** Everything is pushed to node 1 within the stretch. It is given three seconds to be there first. */
const PUSHED_PAGES = 6144;
const PUSHING = ['mode=migrate', 'target=1', 'window=32', 'delay=3000', 'kill=100'] as const;
const PUSHED = ['selfcheck', String(PUSHED_PAGES), '1000000', 'seq'] as const;
const QUESTIONS = 500;
const BULK_MS = 1000;

/** What one round of measurements found, in seconds. */
interface Round {
  readonly question: number;
  readonly pull: number;
  readonly jump: number;
  readonly jumpBytes: number;
  readonly stretch: number;
  readonly push: number;
  readonly bulk: number;
}

/** The primitives between two guests, against TCP between the same guests. */
export async function elasticFigures(tool: Tool, kernel: string): Promise<readonly Figure[]> {
  await tool.succeed('up', '--no-flow', '--kernel', kernel, '--nodes', '2', '--memory', '128M');
  const rounds: Round[] = [];
  {
    await using nodes = await StretchedNodes.join(tool);
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measure(tool, nodes));
  }
  await tool.succeed('down');
  const of = (key: keyof Round): number => median(rounds.map((round) => round[key]));
  const ms = (key: keyof Round): number => 1000 * of(key);
  const figure = { unit: 'ms', compare: 'ratio' } as const;
  return [
    {
      ...figure,
      name: 'pull of a page, against 32 bytes for 4096 over TCP',
      ours: ms('pull'),
      theirs: ms('question'),
      bound: 1.2,
    },
    { ...figure, name: 'jump, against a pull', ours: ms('jump'), theirs: ms('pull'), bound: 1.5 },
    {
      name: 'a jump moves, without hot pages',
      ours: of('jumpBytes'),
      theirs: 0,
      unit: 'bytes',
      compare: 'absolute',
      bound: 2048,
    },
    {
      ...figure,
      name: 'stretch with 50 mappings, against a jump there and back',
      ours: ms('stretch'),
      theirs: 2 * ms('jump'),
      bound: 3,
    },
    {
      ...figure,
      name: `push of ${String(PUSHED_PAGES / 256)} MiB, against as much over TCP`,
      ours: ms('push'),
      theirs: ms('bulk'),
      bound: 1.25,
    },
  ];
}

async function measure(tool: Tool, nodes: StretchedNodes): Promise<Round> {
  const question = await questionSeconds(tool, nodes);
  const [pulls] = await counting(nodes, async () => succeeded(nodes.run(PULLING, PULLED)));
  const [jumps, elsewhere] = await counting(nodes, async () => succeeded(nodes.run(ALWAYS_JUMP, JUMPED)));
  const stretch = stretchSeconds(await succeeded(nodes.run(STRETCHING, JUMPED)));
  const push = stretchSeconds(await nodes.run(PUSHING, PUSHED)) - stretch;
  const bulk = await bulkSeconds(tool, nodes);
  // From a jump out to the next one in, without what is pulled and pushed in between.
  const away = jumps('away_ns_total') - elsewhere('pull_ns_total') - elsewhere('push_ns_total');
  return {
    question,
    pull: pulls('pull_ns_total') / pulls('pulls') / 1e9,
    jump: away / jumps('jumps_out') / 2 / 1e9,
    jumpBytes: jumps('jump_bytes') / jumps('jumps_out'),
    stretch,
    push,
    bulk,
  };
}

type Counter = (name: string) => number;

/** By how much the counters of each node grow with processes that end meanwhile. */
async function counting(
  nodes: StretchedNodes,
  work: () => Promise<unknown>,
): Promise<readonly [Counter, Counter]> {
  const read = async (): Promise<readonly ReadonlyMap<string, string>[]> => {
    await nodes.allGone();
    return (await nodes.onEach('cat', '/proc/elasticos')).map((text) => counters(text));
  };
  const before = await read();
  await work();
  const after = await read();
  const grown = (node: number) => (name: string) =>
    number(after[node], name) - (before[node]?.has(name) === true ? number(before[node], name) : 0);
  return [grown(0), grown(1)];
}

async function succeeded(running: Promise<Finished>): Promise<Finished> {
  const finished = await running;
  if (finished.code !== 0)
    throw new Error(`the program ends with ${String(finished.code)}: ${finished.stdout}`);
  return finished;
}

function number(of: ReadonlyMap<string, string> | undefined, name: string): number {
  const value = Number(of?.get(name));
  if (Number.isNaN(value)) throw new Error(`no ${name} in /proc/elasticos`);
  return value;
}

function stretchSeconds({ stdout }: Finished): number {
  const [, us] = /stretched to node 1 in (\d+) us/.exec(stdout) ?? [];
  if (us === undefined) throw new Error(`not stretched: ${stdout}`);
  return Number(us) / 1e6;
}

/** Mean of a question of 32 bytes and its answer of 4096, from user space to user space. */
async function questionSeconds(tool: Tool, nodes: StretchedNodes): Promise<number> {
  const answer = await withPeer(tool, nodes, 'answer', async (place) =>
    tool.succeed('exec', 'node1', '--', 'linkprobe', 'ask', ...place, String(QUESTIONS)),
  );
  return (JSON.parse(answer.stdout) as { mean_ns: number }).mean_ns / 1e9;
}

/** How long one TCP stream needs for as many bytes as are pushed. */
async function bulkSeconds(tool: Tool, nodes: StretchedNodes): Promise<number> {
  let received = '';
  await withPeer(
    tool,
    nodes,
    'receive',
    async (place) => tool.succeed('exec', 'node1', '--', 'linkprobe', 'send', ...place, String(BULK_MS)),
    (line) => (received = line),
  );
  const { bytes, nanoseconds } = JSON.parse(received) as { bytes: number; nanoseconds: number };
  return (PUSHED_PAGES * 4096 * (nanoseconds / bytes)) / 1e9;
}

/** Starts linkprobe on node2, and uses the port that it tells until it ends. */
async function withPeer<T>(
  tool: Tool,
  nodes: StretchedNodes,
  verb: string,
  use: (place: readonly [string, string]) => Promise<T>,
  last: (line: string) => void = () => undefined,
): Promise<T> {
  await using peer = await tool.start('exec', 'node2', '--', 'linkprobe', verb);
  if (peer.stdout === undefined) throw new Error('linkprobe has no standard output');
  const lines = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done === true) throw new Error('linkprobe tells no port');
  const { port } = JSON.parse(first.value) as { port: number };
  const address = nodes.nodes[1]?.address ?? '';
  const answer = await use([address, String(port)]);
  const next = await lines.next();
  if (next.done !== true) last(next.value);
  return answer;
}
