// SPDX-License-Identifier: MIT
import { pagesByNode } from '../../api/watch/page-map.js';
import type { NodeView, ProcessView, Snapshot } from '../../api/watch/snapshot.js';
import { drawHeatMap } from './heat-map.js';
import { mebibytes } from './mebibytes.js';
import { alarming, bold, dim, type Look, ofNode, plain } from './paint.js';

const MIB = 2 ** 20;
/** A reading that is older than this is shown with its age. */
const OLD_MS = 3_000;
const INDENT = '  ';

/** A snapshot as lines of text, each as wide as the terminal at most when escape sequences are not counted. */
export function drawSnapshot(snapshot: Snapshot, look: Look): readonly string[] {
  const { nodes, processes, alarms } = snapshot;
  const lines = [
    bold(look, cut(title(snapshot), look)),
    ...alarms.map((alarm) => alarming(look, cut(`! ${plain(alarm)}`, look))),
    '',
    ...nodes.map((node) => nodeLine(node, look)),
  ];
  const consoles = nodes.flatMap((node) => consoleLines(node, look));
  const room = look.rows - lines.length - consoles.length - 1;
  const each = Math.floor(room / Math.max(1, processes.length));
  for (const process of processes) lines.push('', ...drawProcess(process, look, each - 1));
  if (processes.length === 0 && snapshot.state === 'up') lines.push('', dim(look, cut(NONE, look)));
  return [...lines, ...(consoles.length === 0 ? [] : ['']), ...consoles].slice(0, look.rows);
}

const NONE = 'No process is looked after. On a node: elastic run --budget 32M -- PROGRAM';

function title({ testbed, state, emulated, at }: Snapshot): string {
  const how = emulated ? ', emulated guests' : '';
  return `testbed ${testbed}: ${state}${how}, ${at.slice(11, 19)} UTC. Ctrl-C leaves`;
}

function nodeLine(node: NodeView, look: Look): string {
  const { name, address, memoryBytes, shells, readingAgeMs } = node;
  const words = [
    name.padEnd(7),
    address.padEnd(11),
    `${Math.round(memoryBytes / MIB)} MiB`.padEnd(9),
    node.connected ? node.state : 'cut off',
    ...(shells === 0 ? [] : [shells === 1 ? '1 shell' : `${shells} shells`]),
    ...(node.unread === undefined ? [] : [plain(node.unread)]),
    ...(readingAgeMs === undefined || readingAgeMs < OLD_MS
      ? []
      : [`read ${(readingAgeMs / 1000).toFixed(0)} s ago`]),
  ];
  return cut(words.join(' '), look);
}

/** One process: what it does, its nodes, its page map. */
export function drawProcess(process: ProcessView, look: Look, rows: number): readonly string[] {
  const { map, places } = process;
  const head = [bold(look, cut(headline(process), look)), cut(`${INDENT}${traffic(process)}`, look)];
  const held = map === undefined ? [] : pagesByNode(map);
  const lines = places.map(({ node, residentPages, budgetPages, connected }, place) => {
    const budget = budgetPages === 0 ? '' : ` of ${mebibytes(budgetPages)}`;
    const marks = `${node === process.runsOn ? ' <- runs here' : ''}${connected ? '' : ', no connection'}`;
    const pages = map === undefined ? '' : `, owns ${mebibytes(held[map.nodes.indexOf(node)] ?? 0)}`;
    const text = cut(
      `${INDENT}${place + 1} ${node}: ${mebibytes(residentPages)}${budget}${pages}${marks}`,
      look,
    );
    return ofNode(look, place, text);
  });
  if (map === undefined) return [...head, ...lines];
  const indent = look.columns > INDENT.length ? INDENT : '';
  const inner = { ...look, columns: look.columns - indent.length };
  const drawn = drawHeatMap(map, inner, Math.max(1, rows - head.length - lines.length));
  return [...head, ...lines, ...drawn.map((line) => `${indent}${line}`)];
}

/** A process in one line: how much each node has, where it runs, its jumps. */
export function whereLine(process: ProcessView): string {
  const { map, runsOn, total } = process;
  const held = map === undefined ? [] : pagesByNode(map);
  const nodes = (map?.nodes ?? []).map((node, index) => `${node} has ${mebibytes(held[index] ?? 0)}`);
  const where = runsOn === undefined ? 'it is on its way' : `it runs on ${runsOn}`;
  return [...nodes, where, `${total.jumps} jumps`].join(', ');
}

function headline({ pid, name, state, policy, runsOn, map }: ProcessView): string {
  const where = runsOn === undefined ? 'on its way' : `runs on ${runsOn}`;
  const what = map === undefined ? `not stretched (${state})` : where;
  return plain(`${name}, pid ${pid}: ${what}, policy ${policy}`);
}

function traffic({ total, perSecond }: ProcessView): string {
  const pages = (count: number, rate: number): string => `${mebibytes(count)} (${mebibytes(rate)}/s)`;
  return [
    `jumps ${total.jumps} (${perSecond.jumps.toFixed(1)}/s)`,
    `pulled ${pages(total.pulledPages, perSecond.pulledPages)}`,
    `pushed ${pages(total.pushedPages, perSecond.pushedPages)}`,
  ].join(', ');
}

function consoleLines({ name, console }: NodeView, look: Look): readonly string[] {
  return console.map((line) => dim(look, cut(`${name} | ${plain(line)}`, look)));
}

function cut(text: string, { columns }: Look): string {
  return text.slice(0, columns);
}
