// SPDX-License-Identifier: MIT
import test from 'ava';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../../testbed/base/host/paths.js';
import { QuantityError } from '../../../testbed/experiment/scenario/errors.js';
import {
  BANDWIDTH,
  DURATION,
  parseBandwidth,
  parseBytes,
  parseDuration,
  parseInstant,
  SIZE,
  sizeText,
} from '../../../testbed/experiment/scenario/quantity.js';

test('sizes are whole bytes, with K, M and G of 1024', (t) => {
  t.is(parseBytes('4096'), 4096);
  t.is(parseBytes('64M'), 64 * 1024 * 1024);
  t.is(parseBytes('2G'), 2 ** 31);
});

test('bandwidths are bits per second, with k, M and G of 1000', (t) => {
  t.is(parseBandwidth('1Gbit'), 1e9);
  t.is(parseBandwidth('2.5Gbit'), 2.5e9);
  t.is(parseBandwidth('100kbit'), 1e5);
  t.is(parseBandwidth('9600bit'), 9600);
});

test('durations are microseconds', (t) => {
  t.is(parseDuration('0us'), 0);
  t.is(parseDuration('50us'), 50);
  t.is(parseDuration('1.5ms'), 1500);
  t.is(parseDuration('15min'), 15 * 60e6);
});

test('instants are nanoseconds', (t) => {
  t.is(parseInstant('12.345678901s'), 12_345_678_901);
  t.is(parseInstant('50us'), 50_000);
});

test('anything else is refused, with what would do', (t) => {
  for (const text of ['', '64m', '64MB', '1.5G', '-1M', ' 64M', '64 M', '99999999999G']) {
    t.throws(() => parseBytes(text), { instanceOf: QuantityError, message: /such as 64M/ }, text);
  }
  t.throws(() => parseBandwidth('1Gb'), { message: /such as 1Gbit/ });
  t.throws(() => parseBandwidth('1GBit'));
  t.throws(() => parseDuration('50'), {
    message: '"50" is not a duration with us, ms, s, min or h, such as 50us',
  });
});

test('a size is written in the shortest way that is exact', (t) => {
  t.is(sizeText(64 * 2 ** 20), '64M');
  t.is(sizeText(1536 * 1024), '1536K');
  t.is(sizeText(4097), '4097');
  t.is(sizeText(2 ** 31), '2G');
});

test('the published schema takes what the parsers take', async (t) => {
  const text = await readFile(join(projectRoot(), 'scenarios', 'scenario.schema.json'), 'utf8');
  const { definitions } = JSON.parse(text) as {
    readonly definitions: Readonly<Record<string, { readonly pattern?: string }>>;
  };
  t.is(definitions['size']?.pattern, SIZE.source);
  t.is(definitions['bandwidth']?.pattern, BANDWIDTH.source);
  t.is(definitions['duration']?.pattern, DURATION.source);
  t.is(definitions['sizeOrAuto']?.pattern, `^(auto|${SIZE.source.slice(1, -1)})$`);
});
