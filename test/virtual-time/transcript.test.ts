// SPDX-License-Identifier: MIT
import test from 'ava';
import { TranscriptError } from '../../testbed/virtual-time/errors.js';
import { readTranscript, type ReportLine } from '../../testbed/virtual-time/transcript.js';

/** What an operator says, a microsecond apart. */
function said(...texts: readonly string[]): readonly ReportLine[] {
  return texts.map((text, i) => ({
    atNs: i * 1000,
    text,
    traffic: [{ sentBytes: i, receivedBytes: 0 }],
  }));
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

test('a step has its output, its end, and the moments of both', (t) => {
  const [step] = readTranscript(
    said('ready', 'begin 1', 'end 1 0', `out 1 ${base64('two\nli')}`, `out 1 ${base64('nes\n')}`, 'over'),
  );
  t.like(step, { how: 0, stdout: 'two\nlines\n', stderr: '' });
  t.is(step?.begin.atNs, 1000);
  t.is(step?.end.traffic[0]?.sentBytes, 2);
});

test("the number of the command's process group is no part of its errors", (t) => {
  const [step] = readTranscript(said('begin 1', 'end 1 1', `err 1 ${base64('4711\nno such file\n')}`));
  t.is(step?.stderr, 'no such file\n');
});

test('a step may run out of time, or go on running', (t) => {
  const steps = readTranscript(said('begin 1', 'end 1 running', 'begin 2', 'end 2 expired', 'over'));
  t.deepEqual(
    steps.map(({ how }) => how),
    ['running', 'expired'],
  );
});

test('a step that the end came upon is none', (t) => {
  t.is(readTranscript(said('begin 1', 'end 1 0', 'begin 2')).length, 1);
});

for (const lines of [
  ['end 1 0'],
  ['begin 2'],
  ['begin 1', 'end 1 perhaps'],
  ['begin 1', 'out 2 AAAA'],
  ['hello'],
]) {
  test(`nonsense is refused: ${lines.join(', ')}`, (t) => {
    t.throws(() => readTranscript(said(...lines)), { instanceOf: TranscriptError });
  });
}
