// SPDX-License-Identifier: MIT
import test from 'ava';
import { findJsonFault } from '../../../testbed/experiment/scenario/json-text.js';

test('good JSON has no fault', (t) => {
  for (const text of ['{}', ' [1, -2.5e3, true, null, "a\\u00e9\\n"] ', '{"a": {"a": []}, "b": ""}', '0'])
    t.is(findJsonFault(text), undefined, text);
});

const FAULTS = {
  'a comma too many': ['{\n  "a": 1,\n}', 3, 1, 'a name in double quotes expected, found `}`'],
  'a comma too few': ['{\n  "a": 1\n  "b": 2\n}', 3, 3, '`,` or `}` expected, found `"b"`'],
  'a word': ['{ "a": yes }', 1, 8, 'a value expected, found `yes`'],
  'an end too early': ['{ "a": [1, 2', 1, 13, '`,` or `]` expected, found the end of the file'],
  'an end too late': ['{}\n}', 2, 1, 'the end of the file expected, found `}`'],
  'a comment': ['{ // no\n}', 1, 3, 'a name in double quotes expected, found `//`'],
  nothing: ['', 1, 1, 'a value expected, found the end of the file'],
  'a number with a leading zero': ['[01]', 1, 3, '`,` or `]` expected, found `1`'],
  'a name said twice': ['{ "a": 1,\n  "a": 2 }', 2, 3, '"a" stands here a second time'],
  'a name said twice, once with an escape': ['{"a":1,"\\u0061":2}', 1, 8, '"a" stands here a second time'],
  'a byte order mark': ['\ufeff{}', 1, 1, 'a byte order mark; save the file as UTF-8 without one'],
  'an object that is not closed': ['{"a": 1', 1, 8, '`,` or `}` expected, found the end of the file'],
  'a string without an end': ['{\r\n"a": "b\r\n}', 2, 6, 'this string has no end on its line'],
  'an unknown escape': ['["\\x"]', 1, 2, 'this string has an escape that JSON does not know'],
  'a short \\u': ['["\\u00g0"]', 1, 2, 'this string has a \\u without four hexadecimal digits'],
  'a tab in a string': ['["\t"]', 1, 2, 'this string has a control character; write it as an escape'],
  'a number without its digits': ['[1.]', 1, 2, 'this number lacks a digit'],
  '200,000 brackets': ['['.repeat(200_000), 1, 101, 'more than 100 objects and arrays in one another'],
} as const;

for (const [what, [text, line, column, expected]] of Object.entries(FAULTS)) {
  test(`${what} is told with line and column`, (t) => {
    t.deepEqual(findJsonFault(text), { line, column, what: expected });
  });
}

test('a string of 10 MB is no fault', (t) => {
  t.is(findJsonFault(JSON.stringify({ name: 'x'.repeat(10_000_000) })), undefined);
});

/** Numbers that look like chance and are the same every time: Park and Miller's generator. */
function* chance(seed: number): Generator<number, never> {
  for (let state = seed; ; state = (state * 48_271) % 2_147_483_647) yield state / 2_147_483_647;
}

test('a text has no fault just when JSON.parse takes it', (t) => {
  const good = '{"a": [1, -2.5e3, true, null, "a\\u00e9\\n"], "b": {"c": {}, "d": []}, "e": ""}';
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"',
    '\\',
    '/',
    ' ',
    '\n',
    '\t',
    '0',
    '1',
    '.',
    'e',
    'E',
    '+',
    '-',
    'true',
    'null',
    '\\u',
    '//',
    '/*',
    '*/',
    '\u00e9',
    '\u0001',
  ];
  const random = chance(1);
  const below = (limit: number): number => Math.floor(random.next().value * limit);
  const disputed: string[] = [];
  let taken = 0;
  for (let round = 0; round < 20_000; round += 1) {
    let text = good;
    for (let edits = 1 + below(3); edits > 0; edits -= 1) {
      const at = below(text.length);
      text = text.slice(0, at) + (pieces[below(pieces.length)] ?? '') + text.slice(at + below(2));
    }
    const fault = findJsonFault(text);
    if (fault?.what.endsWith('a second time') === true) continue;
    if ((fault === undefined) !== parses(text)) disputed.push(text);
    taken += fault === undefined ? 1 : 0;
  }
  t.deepEqual(disputed, []);
  t.true(taken > 1000, `${taken} texts were good`);
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
