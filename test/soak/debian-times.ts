// SPDX-License-Identifier: MIT
import { parseEndedCounters } from '../../testbed/experiment/run/elastic.js';
import type { DebianOutcome, DebianProgram } from '../guest/debian-programs.js';
import { clear, keep, Stagehand } from '../guest/playing.js';
import { Tool } from '../guest/tool.js';
import { debianProgram } from '../guest/virtual-cells.js';

/** Those that images/debian-ram.json has, each a process by itself. */
const PROGRAMS: readonly DebianProgram[] = ['awk', 'gzip', 'lua', 'luajit', 'sort', 'sqlite3', 'xz', 'zstd'];

export interface DebianTimes {
  readonly lines: readonly string[];
  /** Only programs whose name has this in it. */
  readonly at: string;
  readonly say: (text: string) => void;
  /** Ends the soak. */
  readonly signal: AbortSignal;
}

/**
 * Programs of Debian in virtual time: plainly, stretched over two nodes with half of that as budget, and swapping over nbd
 * in as much memory as the stretched one had, with the kernel's own read-ahead. A row of a table is said for each.
 * @throws Error when one does not write what it writes plainly, behind all rows
 */
export async function soakDebianTimes({ lines, at, say, signal }: DebianTimes): Promise<void> {
  const faults: string[] = [];
  for (const line of lines) {
    await using tool = await Tool.make({}, signal);
    const stagehand = await Stagehand.of(tool, line, { image: 'debian-ram' });
    say(`| ${line} | plain | had | stretched | had | jumps | pulls | swapping | had | times faster |`);
    for (const program of PROGRAMS.filter((name) => name.includes(at))) {
      const play = await stagehand.play(debianProgram(2, ['beside-swap', program, '2']));
      const [answer = '', home = '', away = ''] = play.answers.slice(-3);
      const outcomes = play.outcome === 'ok' ? outcomesIn(answer) : [];
      if (outcomes.length < 3) {
        faults.push(`${line}, ${program}: ${play.outcome}, kept in ${await keep(play)}: ${answer}`);
        say(faults.at(-1) ?? '');
      } else {
        say(row(program, outcomes, [home, away]));
        if (new Set(outcomes.map(({ sha256 }) => sha256)).size > 1)
          faults.push(`${line}, ${program}: it does not write the same: ${answer}`);
      }
      await clear(play);
    }
  }
  if (faults.length > 0) throw new Error(faults.join('\n'));
}

/** Plain, stretched, and swapping ones. */
function outcomesIn(answer: string): readonly DebianOutcome[] {
  const lines = answer.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as DebianOutcome);
}

function row(
  program: DebianProgram,
  outcomes: readonly DebianOutcome[],
  counters: readonly [string, string],
): string {
  const [plain, stretched] = outcomes;
  const swapping = outcomes.at(-1);
  if (plain === undefined || stretched === undefined || swapping === undefined) return '';
  const [home, away] = counters.map((text, i) => parseEndedCounters(`node${String(i + 1)}`, text));
  const cells = [
    program,
    ...seconds(plain),
    ...seconds(stretched),
    (home?.jumps ?? 0) + (away?.jumps ?? 0),
    (home?.pulls ?? 0) + (away?.pulls ?? 0),
    ...seconds(swapping),
    (swapping.usage.nanoseconds / stretched.usage.nanoseconds).toFixed(2),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** How long it took, and what it had. */
function seconds({ usage }: DebianOutcome): readonly string[] {
  return [`${(usage.nanoseconds / 1e9).toFixed(3)} s`, `${(usage.peakBytes / 2 ** 20).toFixed(1)} MiB`];
}
