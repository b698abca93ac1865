// SPDX-License-Identifier: MIT
import { sizeText } from '../scenario/quantity.js';
import { byteText } from '../../products/store/byte-text.js';
import { countText, medianText, NO_FIGURE, rangeText, ratioText, secondsText } from './figure-text.js';
import type { Run } from './load-run.js';
import { speedUps, speedUpText } from './speed-up.js';
import { spreadOf } from './statistics.js';
import { countsOf, type Group, ratio, sameWork, summarise } from './summary.js';
import { type Column, textTable } from './text-table.js';
import { sharesText } from './time-shares.js';

/** A run as a person reads it: a heading, a table, and notes. Lines, without a last newline. */
export function tableOf(run: Run): string {
  const groups = summarise(run);
  const elastic = groups.some((group) => group.elastic !== undefined);
  const columns = [...FIGURES, ...(elastic ? ELASTIC : []), NOT_OK];
  const table = textTable(columns, withGaps(groups));
  const remarks = [...notesOf(run), ...unequalNotes(groups)];
  const gains = speedUps(groups).map(speedUpText);
  const foot = [gains, remarks].flatMap((lines) => (lines.length === 0 ? [] : ['', ...lines]));
  return [...heading(run), '', ...table, ...foot].join('\n');
}

/** Length to which the reason for the accelerator is cut. A cell's record has all of it. */
const LONGEST_REASON = 90;

const FIGURES: readonly Column<Group>[] = [
  { title: 'workload', align: 'left', text: ({ workload }) => workload },
  { title: 'size', align: 'right', text: ({ footprintBytes }) => sizeText(footprintBytes) },
  { title: 'system', align: 'left', text: ({ system }) => system },
  { title: 'n', align: 'right', text: ({ counts }) => String(counts.ok) },
  { title: 'median s', align: 'right', text: ({ elapsed }) => medianText(elapsed, secondsText) },
  { title: 'min .. max', align: 'right', text: ({ elapsed }) => rangeText(elapsed, secondsText) },
  { title: 'slow-down', align: 'right', text: ({ slowDown }) => ratioText(slowDown) },
  { title: 'major faults', align: 'right', text: ({ majorFaults }) => medianText(majorFaults, countText) },
  { title: 'network', align: 'right', text: ({ networkBytes }) => medianText(networkBytes, byteText) },
  {
    title: 'resident',
    align: 'right',
    text: ({ peakResidentBytes }) => medianText(peakResidentBytes, byteText),
  },
];

/** Columns that are shown when a system of the run stretches. */
const ELASTIC: readonly Column<Group>[] = [
  { title: 'jumps', align: 'right', text: ({ elastic }) => medianText(elastic?.jumps, countText) },
  {
    title: 'a second',
    align: 'right',
    text: ({ elastic }) => medianText(elastic?.jumpsPerSecond, secondsText),
  },
  { title: 'pulls', align: 'right', text: ({ elastic }) => medianText(elastic?.pulls, countText) },
  { title: 'pushed', align: 'right', text: ({ elastic }) => medianText(elastic?.pushedPages, countText) },
  {
    title: 'time by node',
    align: 'right',
    text: ({ elastic }) => (elastic === undefined ? NO_FIGURE : sharesText(elastic.timeShares)),
  },
];

const NOT_OK: Column<Group> = { title: 'not ok', align: 'left', text: notOk };

/** `1 failed, 2 missing`, or nothing. */
function notOk({ counts }: Group): string {
  return (['failed', 'invalid', 'error', 'missing'] as const)
    .filter((status) => counts[status] > 0)
    .map((status) => `${counts[status]} ${status}`)
    .join(', ');
}

/** Puts a gap where the workload or the footprint changes. */
function withGaps(groups: readonly Group[]): readonly (Group | undefined)[] {
  return groups.flatMap((group, at) => {
    const before = groups[at - 1];
    return before === undefined || sameWork(before, group) ? [group] : [undefined, group];
  });
}

function heading({ record, cells }: Run): readonly string[] {
  const { plan, kernel, image, host, qemu, testbed } = record;
  const counts = countsOf(cells.map(({ result }) => result));
  const { git } = testbed;
  const commit =
    git === undefined ? '' : `, commit ${git.commit.slice(0, 12)}${git.dirty ? ' and changes' : ''}`;
  return [
    `run ${record.id}`,
    `  scenario   ${plan.scenario.file}${overridesText(plan.overrides)}`,
    `  cells      ${cells.length}: ${statusText(counts)}`,
    `  kernel     ${kernel.release} (${kernel.line}, ${kernel.variant}): ${kernel.choice}`,
    `  image      ${image.name} ${image.sha256.slice(0, 12)}`,
    `  machines   ${machinesText(cells)}`,
    `  link       ${linkText(cells)}`,
    `  host       ${host.processor}, ${host.processors} processors, ${byteText(host.memoryBytes)}; ${qemu}`,
    `  testbed    ${testbed.version}, node ${testbed.node}${commit}`,
  ];
}

function overridesText({ repeats, only }: Run['record']['plan']['overrides']): string {
  const said = [
    ...(repeats === undefined ? [] : [`--repeats ${repeats}`]),
    ...(only === undefined ? [] : [`--only ${only}`]),
  ];
  return said.length === 0 ? '' : ` with ${said.join(' ')}`;
}

function statusText(counts: Group['counts']): string {
  return Object.entries(counts)
    .filter(([status, count]) => count > 0 || status === 'ok')
    .map(([status, count]) => `${count} ${status}`)
    .join(', ');
}

function machinesText(cells: Run['cells']): string {
  const machines = cells.flatMap(({ result }) => result?.machines ?? []);
  const text = [...new Set(machines.map(({ accelerator }) => accelerator))].join('; ');
  if (text === '') return 'none has booted';
  return text.length > LONGEST_REASON ? `${text.slice(0, LONGEST_REASON)}...` : text;
}

/** The link that was asked for, and the median over all cells of what was measured. */
function linkText(cells: Run['cells']): string {
  const links = cells.flatMap(({ result }) => result?.machines?.link ?? []);
  const asked = cells[0]?.cell.shape.link;
  const wanted =
    asked === undefined ? '' : `${megabits(asked.bandwidth)} Mbit/s and ${asked.delayUs} us delay asked for`;
  const throughput = spreadOf(links.map((link) => link.throughput));
  const roundTrip = spreadOf(links.map((link) => link.roundTripUs.median));
  if (throughput === undefined) return `${wanted}; not measured`;
  return `${wanted}; measured ${medianText(throughput, megabits)} Mbit/s of TCP (${rangeText(throughput, megabits)}), round trip ${medianText(roundTrip, countText)} us`;
}

function megabits(bitsPerSecond: number): string {
  return String(Math.round(bitsPerSecond / 1e6));
}

/** What went wrong, cell by cell, and what makes figures doubtful. */
export function notesOf({ cells }: Pick<Run, 'cells'>): readonly string[] {
  const complaints = cells.flatMap(({ result }) =>
    result === undefined || result.status === 'ok'
      ? []
      : [`${result.id}: ${result.status}: ${result.reason ?? 'no reason was given'}`],
  );
  return [...complaints, ...missing(cells), ...noisy(cells), ...linkWarnings(cells)];
}

function missing(cells: Run['cells']): readonly string[] {
  const count = cells.filter(({ result }) => result === undefined).length;
  if (count === 0) return [];
  return [`${count} of ${cells.length} cells have not been run: \`npx testbed run --resume RUN\` does them.`];
}

function noisy(cells: Run['cells']): readonly string[] {
  const hosts = cells.flatMap(({ result }) => result?.measurement?.host ?? []);
  const loud = hosts.filter((host) => host.noisy);
  const worst = Math.max(...loud.map(({ others, stolen }) => others + stolen));
  if (loud.length === 0) return [];
  return [
    `${loud.length} of ${hosts.length} measured cells are noisy: others used up to ${Math.round(worst * 100)} % of the host meanwhile.`,
  ];
}

function linkWarnings(cells: Run['cells']): readonly string[] {
  const links = cells.flatMap(({ result }) => result?.machines?.link ?? []);
  const off = links.filter(({ warnings }) => warnings.length > 0);
  const [example] = off.flatMap(({ warnings }) => warnings);
  if (example === undefined) return [];
  return [
    `in ${off.length} of ${links.length} cells the link was not what was asked for, such as: ${example}.`,
  ];
}

/** How much peak resident sets may differ where systems are compared. */
const RESIDENT_TOLERANCE = 0.05;

/** Notes on elastic systems that had another amount of memory at home than network swap had. */
export function unequalNotes(groups: readonly Group[]): readonly string[] {
  return groups
    .filter(({ system, elastic }) => elastic !== undefined && system !== 'migrate')
    .flatMap((group) => {
      const swap = groups.find((other) => other.system.startsWith('nbd-swap') && sameWork(group, other));
      const factor = ratio(group.peakResidentBytes, swap?.peakResidentBytes);
      if (factor === undefined || Math.abs(factor - 1) <= RESIDENT_TOLERANCE) return [];
      const percent = Math.round(Math.abs(factor - 1) * 100);
      return [
        `${group.system}/${group.workload} had ${percent} % ${factor > 1 ? 'more' : 'less'} resident at home than ${swap?.system ?? ''}: do not compare them.`,
      ];
    });
}
