// SPDX-License-Identifier: MIT
import test from 'ava';
import type { Cut } from '../../testbed/machines/cluster/virtual-time.js';
import { readCapture } from '../../testbed/virtual-time/capture.js';
import { type Deed, frameFromTo } from './scripted-guest.js';
import { conclude, simulate, type SimulationRequest } from './simulation.js';

/** An idle link's arithmetic: a gigabit carries 8 ns a byte, and the delay is 50 us. */
const LATENCY = 50_000;

/** When frames of 1500 bytes that node1 sends to node2 at these instants arrive. */
async function arrivals(
  t: Parameters<typeof simulate>[0],
  sent: readonly number[],
  request: Omit<SimulationRequest, 'deeds'> = {},
): Promise<readonly number[]> {
  const deeds = sent.map((at, i) => ({ at, frame: frameFromTo(1, 2, 1500, i) }));
  const simulation = await simulate(t, { deeds: [deeds, [], []], ...request });
  await conclude(simulation);
  return simulation.guests[1]?.arrivals.map(({ at }) => at) ?? [];
}

for (const quantumNs of [50_000, 20_000, 7_001]) {
  test(`a frame arrives at send + serialisation + latency, with a quantum of ${quantumNs} ns`, async (t) => {
    const sent = [1_000_000, 1_030_500, 5_000_001];
    t.deepEqual(
      await arrivals(t, sent, { time: { quantumNs } }),
      sent.map((at) => at + 12_000 + LATENCY),
    );
  });
}

test('frames that are sent at once are carried one after the other', async (t) => {
  t.deepEqual(await arrivals(t, [1000, 1000, 1000]), [63_000, 75_000, 87_000]);
});

test('a link carries what its bandwidth says', async (t) => {
  const sent = Array.from({ length: 1000 }, () => 0);
  const times = await arrivals(t, sent, { bandwidth: 100e6 });
  t.is(times.length, 1000);
  t.is((times.at(-1) ?? 0) - (times[0] ?? 0), 999 * 120_000);
});

test('what does not fit into the queue is lost', async (t) => {
  const sent = Array.from({ length: 100 }, () => 0);
  // The frame that is being carried does not wait.
  t.is((await arrivals(t, sent, { time: { queueBytes: 30_000 } })).length, 21);
});

test('two senders share the receiver’s link, and nobody overtakes himself', async (t) => {
  const from = (node: number): Deed[] =>
    Array.from({ length: 20 }, (_, i) => ({ at: 1000, frame: frameFromTo(node, 3, 1500, i) }));
  const simulation = await simulate(t, { deeds: [from(1), from(2), [], []] });
  await conclude(simulation);
  const got = simulation.guests[2]?.arrivals ?? [];
  t.is(got.length, 40);
  t.is((got.at(-1)?.at ?? 0) - (got[0]?.at ?? 0), 39 * 12_000);
  for (const node of [1, 2]) {
    const marks = got.filter(({ frame }) => frame[11] === node).map(({ frame }) => frame[20]);
    t.deepEqual(marks, [...Array(20).keys()]);
  }
});

test('a frame goes to all until its receiver has been heard of, and then to that one only', async (t) => {
  const simulation = await simulate(t, {
    deeds: [
      [
        { at: 0, frame: frameFromTo(1, 2, 100) },
        { at: 2_000_000, frame: frameFromTo(1, 2, 100) },
      ],
      [{ at: 1_000_000, frame: frameFromTo(2, 1, 100) }],
      [],
      [],
    ],
  });
  await conclude(simulation);
  t.deepEqual(
    simulation.guests.map(({ arrivals: got }) => got.length),
    [1, 2, 1, 1],
  );
});

const MANY = Array.from({ length: 2000 }, (_, i) => i * 20_000);

test('the same seed loses the same frames, another one others', async (t) => {
  const faults = { loss: 0.1 };
  const lost = await arrivals(t, MANY, { faults });
  t.true(lost.length > 1700 && lost.length < 1900, `${lost.length} of 2000`);
  t.deepEqual(await arrivals(t, MANY, { faults }), lost);
  t.deepEqual(await arrivals(t, MANY, { faults, time: { quantumNs: 10_000 } }), lost);
  t.notDeepEqual(await arrivals(t, MANY, { faults, time: { seed: 2 } }), lost);
});

test('jitter delays, and keeps the order', async (t) => {
  const times = await arrivals(t, MANY, { faults: { jitterNs: 100_000 } });
  t.is(times.length, 2000);
  t.deepEqual(
    [...times].sort((a, b) => a - b),
    times,
  );
  const delays = times.map((at, i) => at - (MANY[i] ?? 0) - LATENCY - 12_000);
  t.true(Math.min(...delays) >= 0 && Math.max(...delays) > 50_000);
});

test('a frame that is held back is overtaken', async (t) => {
  const deeds = MANY.map((at, i) => ({ at, frame: frameFromTo(1, 2, 100, i % 256) }));
  const simulation = await simulate(t, {
    deeds: [deeds, [], []],
    faults: { reorder: { part: 0.05, byNs: 100_000 } },
  });
  await conclude(simulation);
  const marks = simulation.guests[1]?.arrivals.map(({ frame }) => frame[20] ?? 0) ?? [];
  t.is(marks.length, 2000);
  const overtaken = marks.filter((mark, i) => i > 0 && mark !== ((marks[i - 1] ?? 0) + 1) % 256).length;
  t.true(overtaken > 100, `${overtaken}`);
});

test('duplicates arrive one behind the other', async (t) => {
  const times = await arrivals(t, [0, 1_000_000], { faults: { duplicate: 1 } });
  t.deepEqual(times, [62_000, 74_000, 1_062_000, 1_074_000]);
});

test('a node that is cut off neither sends nor receives, and is heard again afterwards', async (t) => {
  const times = await arrivals(t, [0, 1_000_000, 2_000_000], {
    faults: { cuts: [{ node: 'node2', fromNs: 500_000, toNs: 1_500_000 }] },
  });
  t.deepEqual(times, [62_000, 2_062_000]);
});

test('a cut link is cut one way or both ways, and only that link', async (t) => {
  // The switch knows where everybody is when it matters.
  const deeds = [
    [
      { at: 0, frame: frameFromTo(1, 2, 100) },
      { at: 1_000_000, frame: frameFromTo(1, 2, 100) },
      { at: 1_020_000, frame: frameFromTo(1, 3, 100) },
    ],
    [
      { at: 200_000, frame: frameFromTo(2, 1, 100) },
      { at: 1_040_000, frame: frameFromTo(2, 1, 100) },
      { at: 1_060_000, frame: frameFromTo(2, 3, 100) },
    ],
    [
      { at: 400_000, frame: frameFromTo(3, 1, 100) },
      { at: 1_080_000, frame: frameFromTo(3, 1, 100) },
    ],
    [],
  ];
  const heard = async (cut: Partial<Cut>): Promise<readonly number[]> => {
    const whole = { node: 'node1', fromNs: 1_000_000, toNs: 1e9, ...cut };
    const simulation = await simulate(t, { deeds, faults: { cuts: [whole] } });
    await conclude(simulation);
    return simulation.guests.map(({ arrivals }) => arrivals.filter(({ at }) => at > 1_000_000).length);
  };
  t.deepEqual(await heard({ other: 'node2' }), [1, 0, 2, 0]);
  t.deepEqual(await heard({ other: 'node2', way: 'sent' }), [2, 0, 2, 0]);
  t.deepEqual(await heard({ other: 'node2', way: 'received' }), [1, 1, 2, 0]);
  t.deepEqual(await heard({ way: 'sent' }), [2, 0, 1, 0]);
});

test('the operator is spared', async (t) => {
  const simulation = await simulate(t, {
    deeds: [MANY.map((at) => ({ at, frame: frameFromTo(1, 2, 100) })), []],
    faults: { loss: 1 },
  });
  await conclude(simulation);
  t.is(simulation.guests[1]?.arrivals.length, 2000);
});

test('the capture has every frame that was sent, at its instant', async (t) => {
  const simulation = await simulate(t, {
    deeds: [
      [
        { at: 1, frame: frameFromTo(1, 2, 1500) },
        { at: 1_999_999_999, frame: frameFromTo(1, 2, 60) },
      ],
      [{ at: 1_500_000_000, frame: frameFromTo(2, 1, 100) }],
      [],
    ],
    faults: { loss: 1 },
    untilNs: 3e9,
  });
  await conclude(simulation);
  const frames = [];
  for await (const { atNs, bytes, content } of readCapture(simulation.capture))
    frames.push([atNs, bytes, content.length]);
  t.deepEqual(frames, [
    [1, 1500, 128],
    [1_500_000_000, 100, 100],
    [1_999_999_999, 60, 60],
  ]);
});
