// SPDX-License-Identifier: MIT
import { counters } from '../guest/stretched.js';
import { Stagehand } from '../guest/playing.js';
import type { Tool } from '../guest/tool.js';
import type { VirtualCell } from '../guest/virtual-cells.js';
import type { Figure } from './figure.js';

type Step = NonNullable<VirtualCell['steps']>[number];
type Argv = Step['argv'];

/** Pages that a process has which is pushed away, or brought home again. */
const PAGES = 6144;

/** How long a process runs that pulls beside few mappings, or beside many. */
const BESIDE_MS = 400;
const MANY_MAPPINGS = 4000;

/** What is run at home, one after the other. Their names are those of `Figures`. */
const RUNS = {
  /** Half of the pages may be at home, each fault asks for one page, nothing ever jumps and nothing is written. */
  pull: home(['mode=sticky', 'window=1', 'budget=512', 'delay=5'], ['linear-search', '--bytes', '4M']),
  /** Of two faults in turn the first is a pull and the second a jump. */
  jump: home(
    ['mode=threshold', 'threshold=2', 'window=1', 'budget=50', 'delay=5'],
    ['selfcheck', '200', '60', 'random', '0', '50'],
  ),
  /** One fault in 64 pages asks for the others too. */
  scan: home(['mode=sticky', 'window=64', 'budget=1024', 'delay=5'], ['linear-search', '--bytes', '16M']),
  /** All is pushed within the stretch; then the process is ended, hence its status. */
  push: killed(`mode=migrate target=1 window=32 delay=300 kill=100 -- selfcheck ${PAGES} 1000000 seq`),
  /** Most is elsewhere when all is brought home. */
  gather: home(
    ['mode=sticky', 'window=32', 'budget=512', 'delay=300', 'contract=1500'],
    ['selfcheck', String(PAGES), '120', 'seq'],
  ),
  few: beside(''),
  many: beside(`0 ${MANY_MAPPINGS}`),
} as const satisfies Record<string, Argv>;

/** Each page that is touched is pulled, and another one pushed for it. */
function beside(mappings: string): Argv {
  return killed(
    `mode=sticky window=1 budget=256 delay=400 kill=${BESIDE_MS} -- selfcheck 512 1000000 seq ${mappings}`,
  );
}

/** A run that ends by SIGKILL, of which the status tells. */
function killed(words: string): Argv {
  return ['sh', '-c', `pair home 7000 ${words} || true`];
}

function home(options: readonly string[], command: readonly string[]): Argv {
  return ['pair', 'home', '7000', ...options, '--', ...command];
}

/** What a run said, and by how much the counters of both nodes grew. */
interface Heard {
  readonly said: string;
  readonly grown: (node: 0 | 1, name: string) => number;
}

/**
 * What a pull, a jump and a push cost in virtual time, between two nodes on a link of 1 Gbit and 50 us. The same to the bit on
 * any machine, so that two versions of the kernel can be compared by their figures.
 */
export async function primitiveFigures(tool: Tool, kernel: string): Promise<readonly Figure[]> {
  const stagehand = await Stagehand.of(tool, kernel);
  const { outcome, answers } = await stagehand.play(cell());
  if (outcome !== 'ok') throw new Error(outcome);
  const names = Object.keys(RUNS) as readonly (keyof typeof RUNS)[];
  const heard = new Map(names.map((name, i) => [name, hear(answers.slice(PREPARED.length), i)]));
  const of = (name: keyof typeof RUNS): Heard => {
    const found = heard.get(name);
    if (found === undefined) throw new Error(`nothing was heard of ${name}`);
    return found;
  };
  const pull = meanPull(of('pull'));
  const jump = of('jump').grown;
  const away = jump(0, 'away_ns_total') - jump(1, 'pull_ns_total') - jump(1, 'push_ns_total');
  const us = { unit: 'us', compare: 'absolute', theirs: 0 } as const;
  return [
    { ...us, name: 'pull of a page', ours: pull, bound: 250 },
    {
      name: 'pull of up to 64 pages, until the first is there',
      ours: meanPull(of('scan')),
      theirs: pull,
      unit: 'us',
      compare: 'ratio',
      bound: 15,
    },
    { ...us, name: 'a search that pulls 64 pages at a time', ours: searchUs(of('scan')), bound: 2_000_000 },
    { ...us, name: 'jump', ours: away / jump(0, 'jumps_out') / 2 / 1e3, bound: 400 },
    {
      ...us,
      name: `push of ${PAGES} pages`,
      ours: saidUs(of('push'), 'stretched to node 1'),
      bound: 300_000,
    },
    {
      ...us,
      name: `all but 512 of ${PAGES} pages come home`,
      ours: saidUs(of('gather'), 'contracted'),
      bound: 400_000,
    },
    {
      name: `a page comes and another goes, beside ${MANY_MAPPINGS} mappings`,
      ours: besideUs(of('many')),
      theirs: besideUs(of('few')),
      unit: 'us',
      compare: 'ratio',
      bound: 4,
    },
  ];
}

const PREPARED: readonly Step[] = [
  step('node1', ['modprobe', 'elasticos']),
  step('node2', ['modprobe', 'elasticos']),
  step('node2', ['sh', '-c', 'pair shell 10.77.0.1 7000 1 16384 >/dev/null 2>&1 </dev/null &']),
];

/** What follows each run: the sessions have ended by then. */
const COUNTED: readonly Step[] = [
  step('node1', ['sleep', '1']),
  step('node1', ['cat', '/proc/elasticos']),
  step('node2', ['cat', '/proc/elasticos']),
];

function cell(): VirtualCell {
  return {
    scenario: {
      name: 'primitives',
      time: 'virtual',
      link: { delay: '50us' },
      memory: { computeNode: '128M', budget: '24M' },
      repeats: 1,
      systems: ['elasticos'],
      workloads: ['linear-search'],
      footprints: [{ size: '1.5x', nodes: 2 }],
    },
    steps: [...PREPARED, ...Object.values(RUNS).flatMap((argv) => [step('node1', argv), ...COUNTED])],
    outcome: /^ok$/,
  };
}

function step(node: string, argv: Argv): Step {
  return { node, argv, env: {}, delayMs: 0, deadlineMs: 600_000, onFailure: 'stop' };
}

function hear(answers: readonly string[], run: number): Heard {
  const each = 1 + COUNTED.length;
  const at = (index: number): string => answers[index] ?? '';
  const now = [at(run * each + 2), at(run * each + 3)].map(ended);
  const before = run === 0 ? [] : [at(run * each - 2), at(run * each - 1)].map(ended);
  return {
    said: at(run * each),
    grown: (node, name) => {
      const grown = Number(now[node]?.get(name)) - Number(before[node]?.get(name) ?? 0);
      if (Number.isNaN(grown)) throw new Error(`no ${name} in /proc/elasticos`);
      return grown;
    },
  };
}

/** The counters of all sessions that have ended. */
function ended(text: string): ReadonlyMap<string, string> {
  return counters(text.slice(Math.max(0, text.indexOf('ended '))));
}

function meanPull({ grown }: Heard): number {
  return grown(0, 'pull_ns_total') / grown(0, 'pulls') / 1e3;
}

function besideUs({ grown }: Heard): number {
  return (BESIDE_MS * 1e3) / grown(0, 'pulls');
}

function searchUs({ said }: Heard): number {
  return found(said, /"elapsedNanoseconds":(\d+)/) / 1e3;
}

function saidUs({ said }: Heard, what: string): number {
  return found(said, new RegExp(String.raw`${what} in (\d+) us`));
}

function found(said: string, pattern: RegExp): number {
  const value = Number(pattern.exec(said)?.[1]);
  if (Number.isNaN(value)) throw new Error(`not said: ${String(pattern)}: ${said}`);
  return value;
}
