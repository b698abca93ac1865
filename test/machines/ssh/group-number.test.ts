// SPDX-License-Identifier: MIT
import test from 'ava';
import { GroupNumber } from '../../../testbed/machines/ssh/group-number.js';

function strip(chunks: readonly string[]): { own: string; group: GroupNumber } {
  const group = new GroupNumber();
  const own = chunks.map((chunk) => group.strip(Buffer.from(chunk)).toString()).join('');
  group.end();
  return { own, group };
}

test('the first line is the number, the rest is the command’s own', async (t) => {
  const { own, group } = strip(['1234\nfirst\n', '99\n']);
  t.is(own, 'first\n99\n');
  t.is(await group.known, 1234);
});

test('the first line may come in pieces', async (t) => {
  const { own, group } = strip(['12', '34', '\n', 'error\n']);
  t.is(own, 'error\n');
  t.is(await group.known, 1234);
});

test('what a login shell says first is not lost', async (t) => {
  const { own, group } = strip(['sh: something is wrong\n', '1234\n']);
  t.is(own, 'sh: something is wrong\n1234\n');
  t.is(await group.known, undefined);
});

test('a command that ended without a word has no group', async (t) => {
  t.is(await strip([]).group.known, undefined);
});
