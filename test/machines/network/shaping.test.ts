// SPDX-License-Identifier: MIT
import test from 'ava';
import { framesInFlight, shapingOf } from '../../../testbed/machines/network/shaping.js';
import { TokenBucket } from '../../../testbed/machines/network/token-bucket.js';

const GIGABIT = { bandwidth: 1e9, delayUs: 0 };

test('a gigabit link holds two milliseconds of burst and five of queue', (t) => {
  t.deepEqual(shapingOf(GIGABIT), {
    rate: 1e9,
    burstBytes: 250_000,
    queueBytes: 625_000,
    sendBufferBytes: 262_144,
  });
});

test('a sender alone never fills its own queue, at any rate', (t) => {
  for (const bandwidth of [1e5, 1e6, 1e7, 1e8, 1e9, 1e10]) {
    const { queueBytes, sendBufferBytes, burstBytes } = shapingOf({ bandwidth, delayUs: 0 });
    t.true(queueBytes > sendBufferBytes + 65_536, `${bandwidth} bit/s`);
    t.true(burstBytes >= 10 * 1514, `${bandwidth} bit/s`);
  }
});

test('a delay line has room for twice what is under way', (t) => {
  t.is(framesInFlight(GIGABIT), 1000);
  t.is(framesInFlight({ bandwidth: 1e9, delayUs: 50_000 }), Math.ceil((2 * 6_250_000) / 1514));
});

test('a bucket passes its depth at once and then its rate', (t) => {
  const bucket = new TokenBucket(8_000_000, 3000, 0);
  t.true(bucket.take(1500, 0));
  t.true(bucket.take(1500, 0));
  t.false(bucket.take(1500, 0));
  t.is(bucket.waitMs(1500, 0), 1.5);
  t.false(bucket.take(1500, 1));
  t.true(bucket.take(1500, 1.5));
});

test('an idle bucket does not save more than its depth', (t) => {
  const bucket = new TokenBucket(8_000_000, 3000, 0);
  let passed = 0;
  while (bucket.take(1500, 1_000_000)) passed += 1500;
  t.is(passed, 3000);
});

test('a frame larger than the bucket passes, and is paid for', (t) => {
  const bucket = new TokenBucket(8_000_000, 1000, 0);
  t.true(bucket.take(5000, 0));
  t.is(bucket.waitMs(1000, 0), 5);
});
