// SPDX-License-Identifier: MIT
import test from 'ava';
import {
  commitMessage,
  parseHunks,
  parsePatchHeader,
} from '../../../../testbed/products/kernel/series/patch.js';
import { PATCH_EIGHT, PATCH_TWO } from '../project.js';

test('a mail-style header becomes author and message, without tag and diffstat', (t) => {
  const header = parsePatchHeader('0001-two.patch', PATCH_TWO);
  t.deepEqual(header.author, { name: 'A Kernel Developer', email: 'dev@example.org' });
  t.is(commitMessage(header), 'mm: say TWO in capitals\n\nTwo is more important than\nthe others.\n');
});

test('what a header does not say is filled in', (t) => {
  t.is(parsePatchHeader('0002-eight.patch', PATCH_EIGHT).author.email, 'testbed@localhost');
  t.is(commitMessage(parsePatchHeader('0002-eight.patch', PATCH_EIGHT)), 'mm: say EIGHT\n');
  t.is(
    parsePatchHeader('bare.patch', PATCH_EIGHT.slice(PATCH_EIGHT.indexOf('diff --git'))).subject,
    'bare.patch',
  );
});

test("a message's own lines that look like a header stay in the message", (t) => {
  const text = 'Subject: a\n\nNote: this is prose.\n---\ndiff --git a/x b/x\n';
  t.is(parsePatchHeader('a.patch', text).body, 'Note: this is prose.');
});

test('hunks are numbered within their file', (t) => {
  const other = PATCH_EIGHT.replaceAll('mm/swap.c', 'mm/memory.c');
  t.deepEqual(
    parseHunks(PATCH_TWO + other).map(({ file, number, oldStart }) => [file, number, oldStart]),
    [
      ['mm/swap.c', 1, 1],
      ['mm/memory.c', 1, 7],
    ],
  );
});
