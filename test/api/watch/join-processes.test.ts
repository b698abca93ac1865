// SPDX-License-Identifier: MIT
import test from 'ava';
import { joinProcesses } from '../../../testbed/api/watch/join-processes.js';
import { JsonLines } from '../../../testbed/api/watch/json-lines.js';
import { type NodeReading, parseReading, type ProcessRow } from '../../../testbed/api/watch/node-reading.js';

const HOME: ProcessRow = {
  pid: 62,
  cookie: '474e8a3d97ab06b7',
  name: 'heap-sort',
  managed: true,
  node: 0,
  state: 'parked',
  policy: 'adaptive',
  links: [{ node: 1, up: true }],
  budgetPages: 5981,
  residentPages: 5508,
  jumpsOut: 6,
  pulledPages: 1689,
  pushedPages: 7171,
  map: { cellPages: 4, areas: [{ first: 10, here: [4, 1] }] },
};
const SHELL: ProcessRow = {
  ...HOME,
  pid: 70,
  name: 'elastic-shell',
  managed: false,
  node: 1,
  state: 'running',
  links: [{ node: 0, up: true }],
  budgetPages: 0,
  residentPages: 3,
  jumpsOut: 5,
  pulledPages: 100,
  pushedPages: 5,
  map: { cellPages: 4, areas: [{ first: 11, here: [3] }] },
};

function reading(at: number, ...processes: readonly ProcessRow[]): NodeReading {
  return { at, costMicroseconds: 900, processes };
}

test('a process is put together from its home and its shells, which have the same cookie', (t) => {
  const stranger = { ...SHELL, pid: 71, cookie: '1111111111111111' };
  const [one, ...others] = joinProcesses([
    { name: 'node2', latest: reading(5, SHELL, stranger), ageMs: 100 },
    { name: 'node1', latest: reading(9, HOME), ageMs: 100 },
  ]);
  t.deepEqual(others, []);
  t.is(one?.pid, 62);
  t.is(one?.runsOn, 'node2');
  t.deepEqual(one?.places, [
    { node: 'node1', residentPages: 5508, budgetPages: 5981, connected: true },
    { node: 'node2', residentPages: 3, budgetPages: 0, connected: true },
  ]);
  t.deepEqual(one?.total, { jumps: 11, pulledPages: 1789, pushedPages: 7176 });
  t.deepEqual(one?.map, {
    cellPages: 4,
    nodes: ['node1', 'node2'],
    cells: [
      { page: 40, here: [4, 0] },
      { page: 44, here: [1, 3] },
    ],
  });
});

test('rates are by the clock of each node; a counter that begins anew is no rate', (t) => {
  const nodes = [
    {
      name: 'node1',
      ageMs: 100,
      latest: reading(2_000, { ...HOME, jumpsOut: 10, pulledPages: 1789 }),
      before: reading(1_000, HOME),
    },
    {
      name: 'node2',
      ageMs: 100,
      latest: reading(90_500, { ...SHELL, pushedPages: 105, pulledPages: 0 }),
      before: reading(90_000, SHELL),
    },
  ];
  t.deepEqual(joinProcesses(nodes)[0]?.perSecond, { jumps: 4, pulledPages: 100, pushedPages: 200 });
});

test('where it runs is not said while the execution is on its way', (t) => {
  const nodes = [
    { name: 'node1', latest: reading(1, HOME), ageMs: 100 },
    { name: 'node2', latest: reading(1, { ...SHELL, state: 'parked' }), ageMs: 100 },
  ];
  t.false('runsOn' in (joinProcesses(nodes)[0] ?? {}));
});

test('of two nodes that seem to run it, the one that was read last does', (t) => {
  const home = { ...HOME, state: 'running' };
  const nodes = [
    { name: 'node1', latest: reading(1, home), ageMs: 900 },
    { name: 'node2', latest: reading(1, SHELL), ageMs: 20 },
  ];
  t.is(joinProcesses(nodes)[0]?.runsOn, 'node2');
});

test('a process that is whole runs at home and has no map; processes without a cookie have no shells', (t) => {
  const { map: _map, ...whole } = { ...HOME, state: 'whole', cookie: '0000000000000000', links: [] };
  const shell = { ...SHELL, cookie: '0000000000000000' };
  const [one] = joinProcesses([
    { name: 'node1', latest: reading(1, whole), ageMs: 100 },
    { name: 'node2', latest: reading(1, shell), ageMs: 100 },
  ]);
  t.is(one?.runsOn, 'node1');
  t.is(one?.places.length, 1);
  t.is(one?.map, undefined);
});

test('a node without a map keeps its place among the nodes, which gives it its colour', (t) => {
  const { map: _map, ...joining } = SHELL;
  const home = { ...HOME, links: [1, 2].map((node) => ({ node, up: true })) };
  const [one] = joinProcesses([
    { name: 'node1', latest: reading(1, home), ageMs: 100 },
    { name: 'node2', latest: reading(1, joining), ageMs: 100 },
    { name: 'node3', latest: reading(1, { ...SHELL, node: 2 }), ageMs: 100 },
  ]);
  t.deepEqual(
    one?.places.map(({ node }) => node),
    one?.map?.nodes,
  );
  t.deepEqual(one?.map?.cells, [
    { page: 40, here: [4, 0, 0] },
    { page: 44, here: [1, 0, 3] },
  ]);
});

test('a connection that home has lost is told', (t) => {
  const home = { ...HOME, links: [{ node: 1, up: false }] };
  const [one] = joinProcesses([
    { name: 'node1', latest: reading(1, home), ageMs: 100 },
    { name: 'node2', latest: reading(1, SHELL), ageMs: 100 },
  ]);
  t.deepEqual(
    one?.places.map(({ connected }) => connected),
    [true, false],
  );
});

test('a reading is read as the program of the guest prints it, and nothing else is', (t) => {
  t.deepEqual(parseReading(JSON.stringify(reading(7, HOME, SHELL))), reading(7, HOME, SHELL));
  for (const wrong of ['', '{}', '[]', 'elastic: no', JSON.stringify({ ...reading(7), at: -1 })])
    t.throws(() => parseReading(wrong), { instanceOf: SyntaxError }, wrong);
  const cells = { cellPages: 0, areas: [] };
  t.throws(() => parseReading(JSON.stringify(reading(7, { ...HOME, map: cells }))), {
    message: /cellPages/,
  });
});

test('lines are cut where they end, however the bytes arrive, and a line without end is refused', (t) => {
  const lines = new JsonLines();
  t.deepEqual(lines.push(Buffer.from('{"a"')), []);
  t.deepEqual(lines.push(Buffer.from(':1}\n{}\n{')), ['{"a":1}', '{}']);
  t.throws(
    () => {
      lines.push(Buffer.alloc(2 ** 22, 'x'));
    },
    { instanceOf: RangeError },
  );
});
