// SPDX-License-Identifier: MIT
import test from 'ava';
import type { NodeView, Snapshot } from '../../../testbed/api/watch/snapshot.js';
import { systemClock } from '../../../testbed/base/clock/clock.js';
import { type Watching, whileWatched } from '../../../testbed/cli/demo/while-watched.js';

const READ: NodeView = {
  name: 'node1',
  address: '10.77.0.1',
  state: 'up',
  connected: true,
  memoryBytes: 2 ** 28,
  shells: 0,
  readingAgeMs: 3,
  console: [],
};
const { readingAgeMs: _age, ...UNREAD } = READ;

function snapshot(node: NodeView): Snapshot {
  return {
    at: '2026-11-28T08:30:00.000Z',
    testbed: 'default',
    state: 'up',
    emulated: true,
    nodes: [node],
    processes: [],
    alarms: [],
  };
}

/** Snapshots in which the node is read from the second one on, until the signal. */
async function* snapshots(signal: AbortSignal): AsyncGenerator<Snapshot, never> {
  yield snapshot(UNREAD);
  for (;;) {
    yield snapshot(READ);
    await systemClock.sleep(5, signal);
  }
}

test('work begins when all nodes are read, and watching ends with it', async (t) => {
  const seen: boolean[] = [];
  let before = 0;
  const watching: Watching = {
    watch: snapshots,
    show: ({ nodes }) => seen.push(nodes[0]?.readingAgeMs !== undefined),
  };
  const result = await whileWatched(watching, async () => {
    before = seen.length;
    await systemClock.sleep(30);
    return 7;
  });
  t.is(result, 7);
  t.is(before, 2);
  t.true(seen.length > 2);
});

test('an error of the work is what is thrown', async (t) => {
  const watching: Watching = { watch: snapshots, show: () => undefined };
  const failing = whileWatched(watching, () => Promise.reject(new Error('no answer')));
  await t.throwsAsync(failing, { message: 'no answer' });
});

test('when the view fails, the work is waited for', async (t) => {
  let over = false;
  let count = 0;
  const watching: Watching = {
    watch: snapshots,
    show: () => {
      count += 1;
      if (count === 3) throw new Error('the terminal has gone');
    },
  };
  const failing = whileWatched(watching, async () => {
    await systemClock.sleep(50);
    over = true;
  });
  await t.throwsAsync(failing, { message: 'the terminal has gone' });
  t.true(over);
});

test('nothing is done for a testbed of which no node can be read before the snapshots end', async (t) => {
  async function* one(): AsyncGenerator<Snapshot> {
    yield await Promise.resolve(snapshot(UNREAD));
  }
  const watching: Watching = { watch: one, show: () => undefined };
  t.is(await whileWatched(watching, () => Promise.resolve(7)), undefined);
});
