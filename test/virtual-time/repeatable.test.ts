// SPDX-License-Identifier: MIT
import test from 'ava';
import type { CellRecord } from '../../testbed/experiment/result/cell-record.js';
import { resultDifference } from '../../testbed/virtual-time/repeatable.js';

/** A cell's record, by what its measurement says. */
function record(measurement: object, rest: object = {}): CellRecord {
  const virtualTime = { digest: 'd', virtualNanoseconds: 5_000_000_000, frames: 7 };
  return { status: 'ok', flows: [], virtualTime, measurement, ...rest } as unknown as CellRecord;
}

test('the host and its load are no part of a result', (t) => {
  const a = record(
    { paging: { majorFaults: 3 }, host: { others: 0 } },
    { wallSeconds: 1, startedAt: 'then' },
  );
  const b = record({ paging: { majorFaults: 3 }, host: { others: 1 } }, { wallSeconds: 9, startedAt: 'now' });
  t.is(resultDifference(a, b), undefined);
});

test('a figure that differs is named', (t) => {
  const a = record({ network: { sentBytes: 1 }, paging: { majorFaults: 3 } });
  const b = record({ network: { sentBytes: 1 }, paging: { majorFaults: 4 } });
  t.deepEqual(resultDifference(a, b), {
    atNs: 5_000_000_000,
    where: 'result.measurement.paging.majorFaults',
    a: '3',
    b: '4',
  });
});

test('so is a cell that ended otherwise', (t) => {
  const b = record({}, { status: 'failed', reason: 'wrong checksum' });
  t.is(resultDifference(record({}), b)?.where, 'result.status');
});
