// SPDX-License-Identifier: MIT
import test from 'ava';
import { KeptOutput } from '../../../testbed/api/node/kept-output.js';
import { OutputTooLongError } from '../../../testbed/machines/ssh/errors.js';
import { OUTPUT_LIMIT } from '../../../testbed/machines/ssh/remote-output.js';

const OWNER = { node: 'node1', program: 'yes' };

test('output is kept and handed on', async (t) => {
  const heard: string[] = [];
  const output = new KeptOutput(OWNER, 'buffer', (chunk) => void heard.push(chunk.toString()));
  // A letter of two bytes in two chunks.
  await output.take(Buffer.from([0x61, 0xc3]));
  await output.take(Buffer.from([0xa4]));
  t.is(output.text, 'aä');
  t.is(heard.length, 2);
});

test('output that is not kept can be of any length', async (t) => {
  const output = new KeptOutput(OWNER, 'discard', undefined);
  for (let i = 0; i < 3; i += 1) await output.take(Buffer.alloc(OUTPUT_LIMIT));
  t.is(output.text, '');
});

test('more than can be kept is an error', async (t) => {
  const output = new KeptOutput(OWNER, 'buffer', undefined);
  await output.take(Buffer.alloc(OUTPUT_LIMIT));
  const error = await t.throwsAsync(output.take(Buffer.alloc(1)), { instanceOf: OutputTooLongError });
  t.regex(error.message, /^node1: yes printed more than/);
});
