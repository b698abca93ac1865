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
} as const;

for (const [what, [text, line, column, expected]] of Object.entries(FAULTS)) {
  test(`${what} is told with line and column`, (t) => {
    t.deepEqual(findJsonFault(text), { line, column, what: expected });
  });
}
