// SPDX-License-Identifier: MIT
import { busyHost } from '../guest/busy-host.js';
import { clear, keep, longestStep, parting, type Play, Stagehand } from '../guest/playing.js';
import { Tool } from '../guest/tool.js';
import {
  elasticSearch,
  misfortune,
  networkSwap,
  pingFlood,
  slowSearch,
  type VirtualCell,
} from '../guest/virtual-cells.js';
import { differenceText } from '../../testbed/virtual-time/difference.js';

const CELLS: Readonly<
  Record<string, (line: string, stagehand: Stagehand) => VirtualCell | Promise<VirtualCell>>
> = {
  'ping flood': pingFlood,
  'network swap': networkSwap,
  'ElasticOS, 2 nodes': (line) => elasticSearch(line, 2),
  'ElasticOS, 3 nodes': (line) => elasticSearch(line, 3),
  '4 nodes, shift 3': slowSearch,
  'crash and cut': async (line, stagehand) => {
    const fortune = await stagehand.play(elasticSearch(line, 3));
    return misfortune(line, await longestStep(fortune));
  },
};

export interface VirtualTimeSoak {
  readonly lines: readonly string[];
  /** How often each cell is run. */
  readonly runs: number;
  /** Every how manieth run finds all processors of the host busy; 0 for none. */
  readonly busy: number;
  /** Only cells whose name contains it. */
  readonly cell: string;
  /** As `--qemu` of the tool has it; the host's when absent. */
  readonly qemu?: string | undefined;
  readonly say: (text: string) => void;
  /** Ends the soak. */
  readonly signal: AbortSignal;
}

/** What came of one cell on one line. */
interface Tally {
  readonly name: string;
  readonly line: string;
  readonly runs: number;
  readonly identical: number;
  readonly virtualSeconds: number;
  /** Fewest and most seconds that a run took. */
  readonly wallSeconds: readonly [number, number];
  readonly digest: string;
}

/**
 * Runs each cell again and again, at times with all processors of the host busy, two times of three with another quantum, and
 * compares everything that each run leaves behind with what the first one did.
 * @throws Error behind the table, when a cell does not end as it should or a run differs
 */
export async function soakVirtualTime(wanted: VirtualTimeSoak): Promise<void> {
  const { say, signal } = wanted;
  const tallies: Tally[] = [];
  const wrong: string[] = [];
  for (const line of wanted.lines) {
    await using tool = await Tool.make({}, signal);
    const stagehand = await Stagehand.of(tool, line, wanted.qemu === undefined ? {} : { qemu: wanted.qemu });
    for (const [name, make] of Object.entries(CELLS).filter(([name]) => name.includes(wanted.cell))) {
      const complain = (what: string): void => {
        wrong.push(`${name}, ${line}: ${what}`);
        say(wrong.at(-1) ?? '');
      };
      const cell = await make(line, stagehand);
      tallies.push(await repeat(stagehand, cell, { ...wanted, name, line, complain }));
    }
  }
  for (const row of table(tallies)) say(row);
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
}

interface Repetition {
  readonly name: string;
  readonly line: string;
  readonly runs: number;
  readonly busy: number;
  readonly say: (text: string) => void;
  readonly complain: (what: string) => void;
}

async function repeat(
  stagehand: Stagehand,
  cell: VirtualCell,
  { name, line, runs, busy, say, complain }: Repetition,
): Promise<Tally> {
  const first = await stagehand.play(cell);
  say(`${name}, ${line}: ${first.outcome}, ${seconds(first.virtualTime.virtualNanoseconds / 1e9)}`);
  if (!cell.outcome.test(first.outcome)) complain(first.outcome);
  const walls = [first.wallSeconds];
  let identical = 1;
  for (let run = 2; run <= runs; run += 1) {
    const isBusy = busy > 0 && run % busy === 0;
    const again = await playAgain(stagehand, withQuantum(cell, QUANTA[run % QUANTA.length]), isBusy);
    walls.push(again.wallSeconds);
    const difference = await parting(first, again);
    if (difference === undefined) {
      identical += 1;
      say(
        `${name}, ${line}: run ${run} is identical${isBusy ? ', on a busy host' : ''}, ${seconds(again.wallSeconds)}`,
      );
    } else {
      complain(`run ${run}: ${differenceText(difference)}`);
      say(`both are kept: ${await keep(first, again)}`);
    }
    await clear(again);
  }
  await clear(first);
  return {
    name,
    line,
    runs,
    identical,
    virtualSeconds: first.virtualTime.virtualNanoseconds / 1e9,
    wallSeconds: [Math.min(...walls), Math.max(...walls)],
    digest: first.virtualTime.digest,
  };
}

async function playAgain(stagehand: Stagehand, cell: VirtualCell, busy: boolean): Promise<Play> {
  using _load = busy ? busyHost() : undefined;
  return await stagehand.play(cell);
}

/** The quantum decides how far guests run ahead of each other, and nothing else. The first run has the scenario's. */
const QUANTA = ['20us', undefined, '37us'] as const;

function withQuantum(cell: VirtualCell, quantum: string | undefined): VirtualCell {
  if (quantum === undefined) return cell;
  const { virtualTime } = cell.scenario as { readonly virtualTime?: object };
  return { ...cell, scenario: { ...cell.scenario, virtualTime: { ...virtualTime, quantum } } };
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

function table(tallies: readonly Tally[]): readonly string[] {
  const rows = tallies.map((tally) => [
    tally.name,
    tally.line,
    `${tally.identical} of ${tally.runs}`,
    seconds(tally.virtualSeconds),
    tally.wallSeconds.map((wall) => wall.toFixed(0)).join(' .. '),
    tally.digest.slice(0, 16),
  ]);
  const all = [['cell', 'line', 'identical', 'virtual', 'wall s', 'digest'], ...rows];
  return all.map((row) =>
    row
      .map((text, i) => text.padEnd(Math.max(...all.map((other) => other[i]?.length ?? 0))))
      .join('  ')
      .trimEnd(),
  );
}
