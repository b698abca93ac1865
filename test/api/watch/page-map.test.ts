// SPDX-License-Identifier: MIT
import test from 'ava';
import { addMaps, pagesByNode } from '../../../testbed/api/watch/page-map.js';

test('maps of nodes are added by address', (t) => {
  const map = addMaps([
    { node: 'node1', map: { cellPages: 2, areas: [{ first: 5, here: [2, 0] }] } },
    { node: 'node2', map: { cellPages: 2, areas: [{ first: 6, here: [1] }] } },
  ]);
  t.deepEqual(map?.cells, [
    { page: 10, here: [2, 0] },
    { page: 12, here: [0, 1] },
  ]);
  t.deepEqual(map === undefined ? [] : pagesByNode(map), [2, 1]);
});

test('pieces of different sizes are brought to the larger one', (t) => {
  const map = addMaps([
    { node: 'node1', map: { cellPages: 1, areas: [{ first: 6, here: [1, 1, 1] }] } },
    { node: 'node2', map: { cellPages: 4, areas: [{ first: 1, here: [2, 3] }] } },
  ]);
  t.is(map?.cellPages, 4);
  t.deepEqual(map?.cells, [
    { page: 4, here: [2, 2] },
    { page: 8, here: [1, 3] },
  ]);
});

test('two mappings that meet in a piece are added', (t) => {
  const areas = [
    { first: 3, here: [1, 2] },
    { first: 4, here: [5] },
  ];
  t.deepEqual(addMaps([{ node: 'node1', map: { cellPages: 8, areas } }])?.cells, [
    { page: 24, here: [1] },
    { page: 32, here: [7] },
  ]);
});

test('pieces are in the order of addresses, also beyond 32 bits', (t) => {
  const areas = [
    { first: 34_359_738_367, here: [1] },
    { first: 2, here: [1] },
  ];
  const map = addMaps([{ node: 'node1', map: { cellPages: 1, areas } }]);
  t.deepEqual(
    map?.cells.map(({ page }) => page),
    [2, 34_359_738_367],
  );
});

test('no node, no map', (t) => {
  t.is(addMaps([]), undefined);
});
