// SPDX-License-Identifier: MIT
import test from 'ava';
import { WorkloadOutputError } from '../../../testbed/experiment/workload/errors.js';
import { parseReport } from '../../../testbed/experiment/workload/report.js';

const LINE = {
  workload: 'dijkstra',
  bytes: 65536,
  bytesTouched: 64134,
  seed: '18446744073709551615',
  passes: 4,
  checksum: '0123456789abcdef',
  fillNanoseconds: 17,
  elapsedNanoseconds: 4_000_000_000,
};

test('a report is read with its whole seed', (t) => {
  t.deepEqual(parseReport(`${JSON.stringify(LINE)}\n`), {
    ...LINE,
    workload: 'dijkstra',
    seed: 18446744073709551615n,
  });
});

function changed(changes: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...LINE, ...changes });
}

const WRONG: Readonly<Record<string, readonly [text: string, why: RegExp]>> = {
  'no output': ['', /not one line/],
  'two reports': [`${changed({})}\n${changed({})}\n`, /not one line/],
  'a line before the report': [`warning\n${changed({})}\n`, /not one line/],
  'half a report': [changed({}).slice(0, -1), /no JSON/],
  'something else': ['null', /no object/],
  'a missing field': [changed({ seed: undefined }), /seed is missing/],
  'a field too many': [changed({ colour: 'red' }), /colour is not known/],
  'another workload': [changed({ workload: 'bubble-sort' }), /workload is not known/],
  'negative bytes': [changed({ bytes: -1 }), /bytes is not a whole number/],
  'a fraction': [changed({ elapsedNanoseconds: 0.5 }), /elapsedNanoseconds is not a whole number/],
  'a number in quotes': [changed({ fillNanoseconds: '17' }), /fillNanoseconds is not a whole number/],
  'more bytes than given': [changed({ bytesTouched: 65537 }), /more bytes than it was given/],
  'a seed without quotes': [changed({ seed: 1 }), /seed is not/],
  'a seed of 65 bits': [changed({ seed: '18446744073709551616' }), /seed is not/],
  'other passes': [changed({ passes: 5 }), /5 passes instead of 4/],
  'a checksum in capitals': [changed({ checksum: '0123456789ABCDEF' }), /checksum is not/],
  'a short checksum': [changed({ checksum: '0123' }), /checksum is not/],
};

for (const [what, [text, why]] of Object.entries(WRONG)) {
  test(`refused: ${what}`, (t) => {
    t.throws(() => parseReport(text), { instanceOf: WorkloadOutputError, message: why });
  });
}

test('a report about something else than was asked for is refused', (t) => {
  const asked = { workload: 'dijkstra', bytes: 65536, seed: 18446744073709551615n } as const;
  t.notThrows(() => parseReport(JSON.stringify(LINE), asked));
  for (const other of [{ workload: 'heap-sort' }, { bytes: 65537 }, { seed: 1n }] as const) {
    t.throws(() => parseReport(JSON.stringify(LINE), { ...asked, ...other }), {
      instanceOf: WorkloadOutputError,
      message: /was asked for/,
    });
  }
});
