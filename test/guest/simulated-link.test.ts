// SPDX-License-Identifier: MIT
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { testContext } from '../products/image/test-context.js';
import { errandProducts, type Mark, runErrands } from '../virtual-time/errand-guests.js';
import { kernelsAtHand } from './kernels-at-hand.js';

/** Slow enough that what guests take to handle a packet, some 20 us, is little beside it. */
const LINK = { bandwidth: 10e6, delayUs: 5000 };

/** Bytes on the wire of an echo with so many bytes of data, and of a full segment of TCP, which carries 1448. */
const FRAMES = { small: 56 + 42, large: 1472 + 42, segment: 1514 };
const SEGMENT_DATA = 1448;

const MEASURE = `
until ping -q -c 1 -W 1 10.77.0.2 >/dev/null; do :; done
mark small "$(ping -q -c 20 -i 0.1 -s 56 10.77.0.2 | tail -n 1)"
mark large "$(ping -q -c 20 -i 0.1 -s 1472 10.77.0.2 | tail -n 1)"
until port=$(nc 10.77.0.2 9999) && [ -n "$port" ]; do sleep 0.1; done
linkprobe send 10.77.0.2 "$port" 5000
sleep 1
mark end`;

const RECEIVE = `
linkprobe receive >/tmp/stream &
until grep -q port /tmp/stream; do sleep 0.1; done
sed 's/[^0-9]//g' /tmp/stream | nc -l -p 9999
wait
mark stream "$(tail -n 1 /tmp/stream)"`;

for (const { line, missing } of kernelsAtHand('release')) {
  const declare = missing === undefined ? test.serial : test.serial.skip;
  const because = missing === undefined ? '' : ` (${missing})`;

  declare(
    `${line}: the simulated link is to guests what it is by its own arithmetic${because}`,
    async (t) => {
      t.timeout(600_000);
      const marks = await measured(t, line);
      const [small, large] = [roundTripNs(marks, 'small'), roundTripNs(marks, 'large')];
      const oneWay = (bytes: number): number => LINK.delayUs * 1000 + serialisationNs(bytes);
      within(t, small, 2 * oneWay(FRAMES.small), 'round trip');
      within(t, large - small, 2 * (oneWay(FRAMES.large) - oneWay(FRAMES.small)), 'serialisation');
      const { bytes, nanoseconds } = JSON.parse(textOf(marks, 'stream')) as Record<string, number>;
      const throughput = ((bytes ?? NaN) * 8e9) / (nanoseconds ?? NaN);
      within(t, throughput, (LINK.bandwidth * SEGMENT_DATA) / FRAMES.segment, 'throughput');
    },
  );
}

async function measured(t: ExecutionContext, line: string): Promise<readonly Mark[]> {
  const folder = await mkdtemp(join(tmpdir(), 'link-'));
  t.teardown(async () => rm(folder, { recursive: true, force: true }));
  const context = testContext();
  const products = await errandProducts(context, line);
  const scripts = [MEASURE, RECEIVE];
  const errands = {
    scripts,
    memoryBytes: 128 * 2 ** 20,
    clock: 'lockstep',
    until: 'end',
    link: LINK,
  } as const;
  return await runErrands(context, products, folder, errands);
}

/** Within 1 %. */
function within(t: ExecutionContext, found: number, wanted: number, what: string): void {
  t.log(`${what}: ${found.toFixed(0)}, by arithmetic ${wanted.toFixed(0)}`);
  t.true(Math.abs(found / wanted - 1) <= 0.01, `${what}: ${found} is not ${wanted}`);
}

function serialisationNs(bytes: number): number {
  return (bytes * 8e9) / LINK.bandwidth;
}

/** The least of `rtt min/avg/max/mdev = 10.162/10.163/10.170/0.002 ms`. */
function roundTripNs(marks: readonly Mark[], word: string): number {
  return Number(/= ([\d.]+)\//.exec(textOf(marks, word))?.[1]) * 1e6;
}

function textOf(marks: readonly Mark[], word: string): string {
  return marks.find((mark) => mark.word === word)?.text ?? '';
}
