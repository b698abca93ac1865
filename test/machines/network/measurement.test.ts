// SPDX-License-Identifier: MIT
import test from 'ava';
import { systemClock } from '../../../testbed/base/clock/clock.js';
import type { Context } from '../../../testbed/base/host/context.js';
import { systemPaths } from '../../../testbed/base/host/paths.js';
import { nodeAddress, nodeMac } from '../../../testbed/machines/network/addressing.js';
import { LinkProbeError } from '../../../testbed/machines/network/errors.js';
import { linkWarnings, measureLink, type LinkEnd } from '../../../testbed/machines/network/measurement.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';
import type { SshSession } from '../../../testbed/machines/ssh/session.js';

const GIGABIT = { bandwidth: 1e9, delayUs: 0 };
const ROUND_TRIP = { median: 900, minimum: 700 };

const CONTEXT: Context = {
  paths: systemPaths(),
  processes: systemProcesses,
  clock: systemClock,
  events: () => undefined,
  signal: new AbortController().signal,
  offline: true,
};

/** A guest whose linkprobe says what a test lets it say. */
function end(address: string, says: (mode: string) => string): LinkEnd {
  const succeed: SshSession['succeed'] = (argv, options) => {
    const stdout = says(argv[1] ?? '');
    void options?.onStdout?.(Buffer.from(stdout));
    return Promise.resolve({ stdout, stderr: '', code: 0, signal: undefined });
  };
  return { address, session: { node: `at ${address}`, succeed } as SshSession };
}

test('a link is what the receiver timed and what the echoes took', async (t) => {
  const sender = end('10.77.0.1', (mode) =>
    mode === 'echo' ? '{"sent":20,"received":20,"median_ns":412000,"minimum_ns":305500}\n' : '',
  );
  const receiver = end('10.77.0.2', () => '{"port":40001}\n{"bytes":117500000,"nanoseconds":1000000000}\n');
  t.deepEqual(await measureLink(CONTEXT, [sender, receiver], GIGABIT), {
    throughput: 940_000_000,
    roundTripUs: { median: 412, minimum: 305.5 },
    asked: GIGABIT,
    warnings: [],
  });
});

test('a guest that does not answer an echo, or says nonsense, is an error', async (t) => {
  const receiver = end('10.77.0.2', () => '');
  const deaf = end('10.77.0.1', () => '{"sent":20,"received":0,"median_ns":0,"minimum_ns":0}\n');
  await t.throwsAsync(measureLink(CONTEXT, [deaf, receiver], GIGABIT), {
    message: /10\.77\.0\.2 answers no echo/,
  });
  const mad = end('10.77.0.1', () => 'sh: linkprobe: not found\n');
  await t.throwsAsync(measureLink(CONTEXT, [mad, receiver], GIGABIT), { instanceOf: LinkProbeError });
});

test('what is within ten per cent is not warned about', (t) => {
  t.deepEqual(linkWarnings({ throughput: 0.91e9, roundTripUs: ROUND_TRIP, asked: GIGABIT }), []);
});

test('a link that carries less than nine tenths is warned about', (t) => {
  t.deepEqual(linkWarnings({ throughput: 0.63e9, roundTripUs: ROUND_TRIP, asked: GIGABIT }), [
    'the link carries 630 Mbit/s, 1000 Mbit/s were asked for',
  ]);
});

test('a shaper that lets too much through is warned about', (t) => {
  const [warning] = linkWarnings({
    throughput: 11.5e6,
    roundTripUs: ROUND_TRIP,
    asked: { bandwidth: 1e7, delayUs: 0 },
  });
  t.is(warning, 'the link carries 11.5 Mbit/s, 10.0 Mbit/s were asked for');
});

test('a round trip can only be off when a delay was asked for', (t) => {
  const asked = { bandwidth: 1e9, delayUs: 200 };
  t.deepEqual(linkWarnings({ throughput: 0.95e9, roundTripUs: ROUND_TRIP, asked }), [
    'the round trip takes 900 us, 400 us of delay were asked for',
  ]);
  t.deepEqual(linkWarnings({ throughput: 0.95e9, roundTripUs: { median: 420, minimum: 410 }, asked }), []);
});

test('addresses follow from the index, and a /24 ends at 253 nodes', (t) => {
  t.is(nodeAddress(1), '10.77.0.1');
  t.is(nodeMac(1), '52:54:00:77:00:01');
  t.is(nodeMac(253), '52:54:00:77:00:fd');
  for (const index of [0, 254, 1.5]) t.throws(() => nodeAddress(index), { instanceOf: RangeError });
});
