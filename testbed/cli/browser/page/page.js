// SPDX-License-Identifier: MIT
import './page-map.js';

const PAGE = 4096;
const MIB = 2 ** 20;
const LAST_JUMPS = 5;

const by = (id) => document.getElementById(id);

/** What a guest says is put in as text, never as HTML. */
function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className !== undefined) made.className = className;
  return made;
}

const mib = (pages) => `${((pages * PAGE) / MIB).toFixed(1)} MiB`;

/** The parts of the page that show a process, by home and pid; they stay, so that focus and choice do. */
const shown = new Map();

function showProcess(key, process) {
  const parts = shown.get(key) ?? begin(key);
  const { name, pid, state, policy, runsOn, places, total, perSecond, map } = process;
  parts.title.textContent = `${name}, pid ${pid}`;
  const where = runsOn === undefined ? 'on its way' : `runs on ${runsOn}`;
  parts.where.textContent = map === undefined ? `not stretched (${state})` : `${where}, policy ${policy}`;
  parts.figures.textContent =
    `jumps ${total.jumps} (${perSecond.jumps.toFixed(1)}/s), ` +
    `pulled ${mib(total.pulledPages)} (${mib(perSecond.pulledPages)}/s), ` +
    `pushed ${mib(total.pushedPages)} (${mib(perSecond.pushedPages)}/s)`;
  parts.places.replaceChildren(...places.map((place, index) => placeLine(place, index, runsOn)));
  parts.map.hidden = map === undefined;
  if (map !== undefined) parts.map.map = map;
  noteJumps(parts, total.jumps, runsOn);
}

function begin(key) {
  const box = element('article');
  const parts = {
    box,
    title: element('h2'),
    where: element('p', '', 'where'),
    figures: element('p', '', 'faint'),
    places: element('ul', undefined, 'places'),
    map: element('page-map'),
    jumps: element('p', '', 'faint'),
    lines: [],
  };
  box.append(parts.title, parts.where, parts.figures, parts.places, parts.map, parts.jumps);
  by('processes').append(box);
  shown.set(key, parts);
  return parts;
}

function placeLine({ node, residentPages, budgetPages, connected }, index, runsOn) {
  const line = element('li', undefined, node === runsOn ? 'runs' : undefined);
  const swatch = element('span', undefined, 'swatch');
  swatch.style.background = `var(--node-${index % 8})`;
  const budget = budgetPages === 0 ? '' : ` of ${mib(budgetPages)}`;
  const marks = `${node === runsOn ? ', runs here' : ''}${connected ? '' : ', no connection'}`;
  line.append(swatch, `${node}: ${mib(residentPages)}${budget}${marks}`);
  return line;
}

function noteJumps(parts, jumps, runsOn) {
  if (parts.counted !== undefined && jumps > parts.counted) {
    const time = new Date().toLocaleTimeString();
    const count = jumps - parts.counted;
    parts.lines.unshift(
      `${time} ${count === 1 ? '1 jump' : `${count} jumps`}, now on ${runsOn ?? 'its way'}`,
    );
    parts.lines.length = Math.min(parts.lines.length, LAST_JUMPS);
    parts.jumps.textContent = parts.lines.join('; ');
  }
  parts.counted = jumps;
}

function nodeBox({ name, address, state, connected, memoryBytes, shells, unread, console: lines }) {
  const box = element('div');
  const words = [address, `${Math.round(memoryBytes / MIB)} MiB`, connected ? state : 'cut off'];
  if (shells > 0) words.push(shells === 1 ? '1 shell' : `${shells} shells`);
  if (unread !== undefined) words.push(unread);
  box.append(
    element('strong', name),
    element('p', words.join(', '), 'faint'),
    element('pre', lines.join('\n')),
  );
  return box;
}

function show({ testbed, state, emulated, at, nodes, processes, alarms }) {
  document.title = `testbed ${testbed}`;
  by('title').textContent = `testbed ${testbed}`;
  const how = emulated ? ', emulated guests' : '';
  by('state').textContent = `${state}${how}, ${new Date(at).toLocaleTimeString()}`;
  showAlarms(alarms);
  const keys = processes.map((process) => `${process.places[0].node}/${process.pid}`);
  processes.forEach((process, index) => showProcess(keys[index], process));
  for (const [key, { box }] of shown)
    if (!keys.includes(key)) {
      box.remove();
      shown.delete(key);
    }
  by('nodes').replaceChildren(...nodes.map(nodeBox));
}

/** Left alone when nothing has changed, so that an alarm is not read out twice a second. */
function showAlarms(alarms) {
  const old = [...by('alarms').children].map(({ textContent }) => textContent);
  if (JSON.stringify(old) === JSON.stringify(alarms)) return;
  by('alarms').replaceChildren(...alarms.map((alarm) => element('li', alarm)));
}

const snapshots = new EventSource('snapshots');
snapshots.addEventListener('message', ({ data }) => show(JSON.parse(data)));
snapshots.addEventListener('error', () => showAlarms(['npx testbed view does not answer']));
