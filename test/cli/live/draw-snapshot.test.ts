// SPDX-License-Identifier: MIT
import { stripVTControlCharacters } from 'node:util';
import test from 'ava';
import type { PageMap } from '../../../testbed/api/watch/page-map.js';
import type { Snapshot } from '../../../testbed/api/watch/snapshot.js';
import { drawSnapshot } from '../../../testbed/cli/live/draw-snapshot.js';
import { drawHeatMap } from '../../../testbed/cli/live/heat-map.js';
import { wantsColour } from '../../../testbed/cli/live/paint.js';

const PLAIN = { columns: 80, rows: 24, colour: false };
const MAP: PageMap = {
  cellPages: 4,
  nodes: ['node1', 'node2'],
  cells: [
    { page: 0, here: [4, 0] },
    { page: 4, here: [1, 3] },
    { page: 8, here: [0, 0] },
    { page: 12, here: [0, 1] },
  ],
};
const NODE = {
  name: 'node1',
  address: '10.77.0.1',
  state: 'up',
  connected: true,
  memoryBytes: 192 * 2 ** 20,
  shells: 0,
  readingAgeMs: 100,
  console: ['[    1.0] hello'],
} as const;
const SNAPSHOT: Snapshot = {
  at: '2026-11-28T08:30:00.000Z',
  testbed: 'default',
  state: 'up',
  emulated: true,
  nodes: [NODE, { ...NODE, name: 'node2', address: '10.77.0.2', connected: false, shells: 1 }],
  processes: [
    {
      pid: 62,
      name: 'heap-sort',
      state: 'parked',
      policy: 'adaptive',
      runsOn: 'node2',
      places: [
        { node: 'node1', residentPages: 256, budgetPages: 512, connected: true },
        { node: 'node2', residentPages: 512, budgetPages: 0, connected: true },
      ],
      total: { jumps: 11, pulledPages: 256, pushedPages: 512 },
      perSecond: { jumps: 1.5, pulledPages: 128, pushedPages: 0 },
      map: MAP,
    },
  ],
  alarms: ['node2 is cut off the network'],
};

test('a snapshot as lines', (t) => {
  t.deepEqual(drawSnapshot(SNAPSHOT, PLAIN), [
    'testbed default: up, emulated guests, 08:30:00 UTC. Ctrl-C leaves',
    '! node2 is cut off the network',
    '',
    'node1   10.77.0.1   192 MiB   up',
    'node2   10.77.0.2   192 MiB   cut off 1 shell',
    '',
    'heap-sort, pid 62: runs on node2, policy adaptive',
    '  jumps 11 (1.5/s), pulled 1.0 MiB (0.5 MiB/s), pushed 2.0 MiB (0.0 MiB/s)',
    '  1 node1: 1.0 MiB of 2.0 MiB, owns 0.0 MiB',
    '  2 node2: 2.0 MiB, owns 0.0 MiB <- runs here',
    '  12.2',
    '',
    'node1 | [    1.0] hello',
    'node2 | [    1.0] hello',
  ]);
});

test('no line is wider than the terminal, and there are no more than it has', (t) => {
  for (const columns of [1, 7, 20, 40, 200])
    for (const rows of [1, 5, 12, 50])
      for (const colour of [false, true]) {
        const lines = drawSnapshot(SNAPSHOT, { columns, rows, colour });
        t.true(lines.length <= rows, `${columns} x ${rows}`);
        for (const line of lines) t.true(stripVTControlCharacters(line).length <= columns, line);
      }
});

test('a map has a character a piece: the node with most of it, or in colour how much of it', (t) => {
  t.deepEqual(drawHeatMap(MAP, PLAIN, 4), ['12.2']);
  t.deepEqual(drawHeatMap(MAP, { ...PLAIN, columns: 3 }, 4), ['12.', '2']);
  const [line = ''] = drawHeatMap(MAP, { ...PLAIN, colour: true }, 1);
  t.is(stripVTControlCharacters(line), '██.▒');
});

test('pieces are joined when there is no room for all', (t) => {
  t.deepEqual(drawHeatMap(MAP, { ...PLAIN, columns: 2 }, 1), ['12']);
  t.deepEqual(drawHeatMap(MAP, { ...PLAIN, columns: 1 }, 1), ['1']);
});

test('what a guest says cannot move the cursor', (t) => {
  const [node] = SNAPSHOT.nodes;
  const evil = { ...SNAPSHOT, nodes: [{ ...(node ?? NODE), console: ['\u001b[2Jgone\u0007'] }] };
  t.true(drawSnapshot(evil, PLAIN).includes('node1 | ?[2Jgone?'));
});

test('a testbed that is down, or has nothing to look after, says so', (t) => {
  const empty = { ...SNAPSHOT, processes: [], alarms: [] };
  t.regex(drawSnapshot(empty, PLAIN).join('\n'), /elastic run --budget/);
  const down = { ...empty, state: 'down', nodes: [] } as const;
  t.regex(drawSnapshot(down, PLAIN).join('\n'), /^testbed default: down/);
});

test('NO_COLOR and a dumb terminal get no escape sequences', (t) => {
  t.true(wantsColour({ TERM: 'xterm' }));
  t.true(wantsColour({ TERM: 'xterm', NO_COLOR: '' }));
  t.false(wantsColour({ TERM: 'xterm', NO_COLOR: '1' }));
  t.false(wantsColour({ TERM: 'dumb' }));
  t.false(drawSnapshot(SNAPSHOT, PLAIN).join('').includes('\u001b'));
});
