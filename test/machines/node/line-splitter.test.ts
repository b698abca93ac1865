// SPDX-License-Identifier: MIT
import test from 'ava';
import { LineSplitter, MAX_LINE } from '../../../testbed/machines/node/line-splitter.js';

function split(...chunks: readonly (string | Buffer)[]): readonly string[] {
  const splitter = new LineSplitter();
  const lines = chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk)));
  return [...lines, ...splitter.end()];
}

test('a serial console ends its lines with carriage return and newline', (t) => {
  t.deepEqual(split('one\r\ntwo\r\r\n\r\nthree\n'), ['one', 'two', '', 'three']);
});

test('a line may come in any number of pieces', (t) => {
  t.deepEqual(split('Kernel pa', 'nic - not ', 'syncing\r', '\nnext\r\n'), [
    'Kernel panic - not syncing',
    'next',
  ]);
});

test('a prompt is no line yet, but can be seen, and is one when the console ends', (t) => {
  const splitter = new LineSplitter();
  t.deepEqual(splitter.push(Buffer.from('booted\r\n/ # ')), ['booted']);
  t.is(splitter.partial, '/ # ');
  t.deepEqual(splitter.end(), ['/ # ']);
  t.deepEqual(splitter.end(), []);
});

test('a character that is cut in two is put together again', (t) => {
  const euro = Buffer.from('€\n');
  t.deepEqual(split(euro.subarray(0, 1), euro.subarray(1)), ['€']);
});

test('control characters are shown, not passed on to a terminal', (t) => {
  t.deepEqual(split('\u001b[2Jcle\u0000ar\tx\u007f\n'), ['^[[2Jcle^@ar\tx^?']);
});

test('bytes that are no text come out as something printable', (t) => {
  const [line] = split(Buffer.from([0xff, 0xfe, 0x80, 0x41, 0x0a]));
  t.is(line, '\ufffd\ufffd\ufffdA');
});

test('a line without end is cut, at the same places however it comes', (t) => {
  const text = 'x'.repeat(2 * MAX_LINE + 10);
  const expected = [MAX_LINE, MAX_LINE, 10];
  const lengths = (lines: readonly string[]): readonly number[] => lines.map((line) => line.length);
  t.deepEqual(lengths(split(`${text}\n`)), expected);
  t.deepEqual(lengths(split(...text.split(''), '\n')), expected);
  t.deepEqual(lengths(split(text)), expected);
});

test('what is kept of a line without end stays small', (t) => {
  const splitter = new LineSplitter();
  for (let i = 0; i < 100; i += 1) splitter.push(Buffer.alloc(64 * 1024, 'y'));
  t.true(splitter.partial.length <= MAX_LINE);
});
