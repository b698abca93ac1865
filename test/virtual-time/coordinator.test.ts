// SPDX-License-Identifier: MIT
import test from 'ava';
import { frameFromTo, header, NEVER } from './scripted-guest.js';
import { conclude, simulate } from './simulation.js';

test('what guests print is told in the order of virtual time', async (t) => {
  const simulation = await simulate(t, {
    deeds: [
      [
        { at: 10, line: 'first' },
        { at: 900_000, line: 'third' },
      ],
      [{ at: 20, line: 'second' }],
      [],
    ],
  });
  const told = (await conclude(simulation)).flatMap((event) =>
    'console' in event ? [[event.at, event.port, event.console]] : [],
  );
  t.deepEqual(told, [
    [10, 1, 'first\n'],
    [20, 2, 'second\n'],
    [900_000, 1, 'third\n'],
  ]);
});

test('time in which nobody has anything to do is passed over', async (t) => {
  const simulation = await simulate(t, {
    deeds: [[{ at: 9_000_000_000, line: 'at last' }], [], []],
    untilNs: 10e9,
  });
  const events = await conclude(simulation);
  const over = events.at(-1);
  t.true(over !== undefined && 'over' in over && over.rounds < 1000);
});

test('a guest that has nothing to do is not woken while others talk to each other', async (t) => {
  const times = Array.from({ length: 100 }, (_, i) => 1_000_000 + i * 200_000);
  const simulation = await simulate(t, {
    deeds: [
      times.map((at) => ({ at, frame: frameFromTo(1, 2, 100) })),
      times.map((at) => ({ at: at + 100_000, frame: frameFromTo(2, 1, 100) })),
      [{ at: 30_000_000, line: 'at last' }],
    ],
    untilNs: 40_000_000,
  });
  const events = await conclude(simulation);
  t.true(events.some((event) => 'console' in event && event.at === 30_000_000));
  const [talker, , bystander] = simulation.guests;
  t.true((talker?.grants.length ?? 0) > 100);
  t.true((bystander?.grants.length ?? 0) < 10, `${String(bystander?.grants.length)} grants`);
});

test('a guest never runs past what another one could do to it', async (t) => {
  const simulation = await simulate(t, {
    deeds: [[{ at: 3_000_000, frame: frameFromTo(1, 2, 100) }], [], []],
    busy: [2],
    untilNs: 5_000_000,
  });
  await conclude(simulation);
  const [arrival] = simulation.guests[1]?.arrivals ?? [];
  const before = simulation.guests[1]?.grants.filter((end) => end <= (arrival?.at ?? 0)) ?? [];
  t.true(before.length > 0);
  t.is(arrival?.at, 3_050_800);
});

test('a guest is paused at the instant, and what it would have done comes when it is let go on', async (t) => {
  const { coordinator, guests } = await simulate(t, {
    deeds: [
      [
        { at: 400_000, line: 'before' },
        { at: 600_000, line: 'behind' },
      ],
      [{ at: 550_000, line: 'beside' }],
      [],
    ],
    busy: [1],
    pause: { port: 1, atNs: 500_000 },
  });
  const told: unknown[] = [];
  for await (const event of coordinator.events()) {
    if ('console' in event) told.push(event.console);
    if ('now' in event && told.includes('paused')) guests[0]?.letGoOn();
    if ('paused' in event) {
      t.like(event, { at: 500_000, port: 1 });
      told.push('paused');
    }
  }
  t.deepEqual(told, ['before\n', 'paused', 'beside\n', 'behind\n']);
});

for (const busy of [[], [1], [2], [1, 2], [1, 2, 3]]) {
  test(`no frame is told of too late, while ${busy.length === 0 ? 'nobody' : busy.join(', ')} is busy`, async (t) => {
    // In bursts: what waits in front of a link is underway for longer than the link takes.
    const times = Array.from({ length: 200 }, (_, i) => 1_000_000 + Math.floor(i / 20) * 400_001);
    const simulation = await simulate(t, {
      deeds: [
        times.map((at) => ({ at, frame: frameFromTo(1, 2, 1500) })),
        times.map((at) => ({ at: at + 40_000, frame: frameFromTo(2, 1, 1500) })),
        times.map((at) => ({ at: at + 9_000, frame: frameFromTo(3, 1, 300) })),
      ],
      busy,
      untilNs: 20_000_000,
    });
    await conclude(simulation);
    t.is(simulation.guests[0]?.arrivals.length, 400);
  });
}

test('a node that crashes is gone at its instant, and the others go on', async (t) => {
  const simulation = await simulate(t, {
    deeds: [
      [
        { at: 1_000_000, frame: frameFromTo(1, 2, 100) },
        { at: 3_000_000, frame: frameFromTo(1, 2, 100) },
        { at: 4_000_000, line: 'still here' },
      ],
      [{ at: 2_500_000, line: 'never said' }],
      [],
    ],
    faults: { crashes: [{ node: 'node2', atNs: 2_000_000 }] },
  });
  const events = await conclude(simulation);
  t.deepEqual(events.slice(0, 2), [
    { at: 2_000_000, port: 2, crashed: true },
    { at: 4_000_000, port: 1, console: 'still here\n' },
  ]);
  t.is(simulation.guests[1]?.arrivals.length, 1);
});

test('a node that is paused does nothing, gets what arrived when it goes on, and is late from then on', async (t) => {
  const simulation = await simulate(t, {
    deeds: [
      [
        { at: 1_000_000, frame: frameFromTo(1, 2, 100) },
        { at: 3_000_000, frame: frameFromTo(1, 2, 100, 1) },
        { at: 3_500_000, frame: frameFromTo(1, 2, 100, 2) },
        { at: 9_000_000, frame: frameFromTo(1, 2, 100, 3) },
      ],
      [
        { at: 1_500_000, line: 'before' },
        { at: 2_500_000, line: 'after' },
        { at: 2_600_000, frame: frameFromTo(2, 1, 100) },
      ],
      [{ at: 5_000_000, line: 'not paused' }],
    ],
    faults: { pauses: [{ node: 'node2', fromNs: 2_000_000, toNs: 6_000_000 }] },
  });
  const told = (await conclude(simulation)).flatMap((event) =>
    'console' in event ? [[event.at, event.console]] : [],
  );
  t.deepEqual(told, [
    [1_500_000, 'before\n'],
    [5_000_000, 'not paused\n'],
    [6_500_000, 'after\n'],
  ]);
  // By its own clock, which is 4 ms behind.
  const [other, paused] = simulation.guests;
  t.deepEqual(
    paused?.arrivals.map(({ at }) => at),
    [1_050_800, 2_000_000, 2_000_000, 5_050_800],
  );
  t.deepEqual(
    other?.arrivals.map(({ at }) => at),
    [6_650_800],
  );
});

test('a guest that vanishes is told, with what it said before, and does not hold up the others', async (t) => {
  const simulation = await simulate(t, {
    deeds: [[{ at: 500, line: 'last words' }], [{ at: 900_000_000, line: 'alive' }], []],
  });
  simulation.guests[0]?.vanish();
  const events = await conclude(simulation);
  t.true(events.some((event) => 'left' in event && event.port === 1));
  t.true(events.some((event) => 'console' in event && event.console === 'alive\n'));
});

const GARBAGE: Readonly<Record<string, readonly [Buffer, RegExp]>> = {
  'a message of no known kind': [header(77, 0, 0), /no known kind|out of turn/],
  'a length without bounds': [header(2, 0xffffffff, 0), /frame|out of turn/],
  'a second greeting': [Buffer.concat([header(1, 8, 0), Buffer.alloc(8)]), /greeting/],
  noise: [Buffer.from('GET / HTTP/1.1\r\nHost: coordinator\r\n\r\n'), /./],
};

for (const [what, [bytes, why]] of Object.entries(GARBAGE)) {
  test(`a guest that sends garbage is thrown out: ${what}`, async (t) => {
    const simulation = await simulate(t, { deeds: [[], [{ at: 1000, line: 'alive' }], []] });
    simulation.guests[0]?.write(bytes);
    const events = await conclude(simulation);
    const left = events.find((event) => 'left' in event);
    t.true(left !== undefined && 'left' in left && left.port === 1 && why.test(left.left));
    await simulation.guests[0]?.ended;
  });
}

test('everything ends when it is asked to, and guests are let go', async (t) => {
  const simulation = await simulate(t, {
    deeds: [[{ at: 3_600_000_000_000, line: 'too late' }], [], []],
    untilNs: Number(NEVER / 2n),
  });
  simulation.coordinator.end();
  const events = await conclude(simulation);
  const over = events.at(-1);
  t.true(over !== undefined && 'over' in over && over.over === 'asked to end');
  await Promise.all(simulation.guests.map(({ ended }) => ended));
});
