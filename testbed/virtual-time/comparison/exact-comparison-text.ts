// SPDX-License-Identifier: MIT
import { countText, NO_FIGURE } from '../../experiment/result/figure-text.js';
import { type Column, textTable } from '../../experiment/result/text-table.js';
import { instantText } from '../guest-log.js';
import type { CellComparison, ExactComparison } from './exact-comparison.js';
import type { Amounts, FigureDifference } from './figure-differences.js';
import type { InputDifference } from './differing-inputs.js';
import type { Parting } from './parting.js';
import { phaseText } from './phase.js';

/** Length to which a line or a value is cut. `--json` has all of it. */
const LONGEST = 100;

/** The comparison as a person reads it. Lines, without a last newline. */
export function exactComparisonText({ a, b, cells }: ExactComparison): string {
  const identical = cells.filter(({ verdict }) => verdict === 'identical').length;
  return [
    `a  ${a}`,
    `b  ${b}`,
    '',
    ...cells.flatMap((cell) => [...cellText(cell), '']),
    `${identical} of ${cells.length} cells are identical. In virtual time every difference is exact and has a cause.`,
  ].join('\n');
}

type BothRan = Exclude<CellComparison, { readonly verdict: 'not in both' }>;

function cellText(cell: CellComparison): readonly string[] {
  if (cell.verdict === 'not in both') return [`${cell.cell}: not run in ${cell.missingIn.join(' and ')}`];
  const rest = [...statusText(cell), ...inputsText(cell)];
  if (cell.verdict === 'identical')
    return [`${cell.cell}: identical (${shortened(cell.a.digest ?? '')})`, ...rest];
  return [
    `${cell.cell}: different`,
    ...[...rest, ...causeText(cell), '', ...textTable(COLUMNS, rowsOf(cell))].map(indented),
  ];
}

function indented(line: string): string {
  return line === '' ? '' : `  ${line}`;
}

/** How the cell ended, where it is not ok in both. */
function statusText({ a, b }: BothRan): readonly string[] {
  if (a.status === 'ok' && b.status === 'ok') return [];
  return Object.entries({ a, b }).map(
    ([run, { status, reason }]) => `${run} is ${status}${reason === undefined ? '' : `: ${cut(reason)}`}`,
  );
}

function inputsText({ inputs, verdict }: BothRan): readonly string[] {
  if (inputs.length > 0) return inputs.map(inputText);
  if (verdict === 'identical') return [];
  return ['no input differs, so they ought to be identical: same kernel, image, plugin, QEMU, plan and cell'];
}

function inputText({ input, a, b, parts = [] }: InputDifference): string {
  const detail = parts.length === 0 ? '' : ` (${parts.join(', ')})`;
  return `input ${input}: ${valueText(a)}, then ${valueText(b)}${detail}`;
}

function valueText(value: string | undefined): string {
  return value === undefined ? 'nothing' : cut(shortened(value));
}

/** A hash by its first digits. */
function shortened(value: string): string {
  return /^[0-9a-f]{64}$/.test(value) ? value.slice(0, 16) : value;
}

function causeText({ parting, noParting, readDifferently }: BothRan): readonly string[] {
  if (parting !== undefined) return partingText(parting);
  if (noParting !== undefined) return [`where they part is not known: ${cut(noParting)}`];
  if (readDifferently === undefined) return [];
  const { where, a, b } = readDifferently;
  return [`one digest, read differently: ${where} is ${valueText(a)}, then ${valueText(b)}`];
}

function partingText({ atNs, kind, where, during, a, b, aNs, bNs }: Parting): readonly string[] {
  const place = kind === 'frame' ? `in the network, ${where}` : `on ${where}`;
  return [
    `they part at ${instantText(atNs)} s, ${phaseText(during)}, ${place}:`,
    `  a  ${sightText(aNs, a)}`,
    `  b  ${sightText(bNs, b)}`,
  ];
}

function sightText(atNs: number | undefined, text: string | undefined): string {
  if (atNs === undefined || text === undefined) return 'nothing more';
  return `${instantText(atNs)}  ${cut(JSON.stringify(readable(text)))}`;
}

/** The operator reports what a step has written as base64, see transcript.ts. */
function readable(text: string): string {
  return text.replace(
    /^((?:out|err|sockets) \d+ )([A-Za-z0-9+/=]+)$/,
    (_, step: string, written: string) => `${step}${Buffer.from(written, 'base64').toString()}`,
  );
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
}

interface Row extends Amounts {
  readonly title: string;
}

const TITLES: Readonly<Record<FigureDifference['figure'], string>> = {
  elapsedNanoseconds: 'time, ns',
  jumps: 'jumps',
  pulls: 'pulls',
  wireBytes: 'bytes on the wire',
  wholeNanoseconds: 'whole run, ns',
};

/** The figures, of which the whole run is the last, then the phases of the whole run. */
function rowsOf({ figures, phases }: BothRan): readonly Row[] {
  return [
    ...figures.map(({ figure, ...amounts }) => ({ title: TITLES[figure], ...amounts })),
    ...phases.map(({ phase, name = '', ...amounts }) => ({
      title: `  ${`${PHASES[phase]} ${name}`.trim()}`,
      ...amounts,
    })),
  ];
}

const PHASES = {
  boot: 'boot',
  flow: 'set-up flow',
  workload: 'workload, with its fill',
  reading: 'readings',
  trial: 'trial',
} as const;

const COLUMNS: readonly Column<Row>[] = [
  { title: 'figure', align: 'left', text: ({ title }) => title },
  { title: 'a', align: 'right', text: ({ a }) => figureText(a) },
  { title: 'b', align: 'right', text: ({ b }) => figureText(b) },
  { title: 'b - a', align: 'right', text: ({ difference }) => signed(difference, figureText) },
  { title: '%', align: 'right', text: ({ percent }) => signed(percent, percentText) },
];

function figureText(value: number | undefined): string {
  return value === undefined ? NO_FIGURE : countText(value);
}

function signed(value: number | undefined, text: (value: number) => string): string {
  if (value === undefined) return NO_FIGURE;
  return value > 0 ? `+${text(value)}` : text(value);
}

/** Four places, or a power of ten for what would be 0 with them. */
function percentText(value: number): string {
  return value !== 0 && Math.abs(value) < 0.0001 ? value.toExponential(1) : value.toFixed(4);
}
