// SPDX-License-Identifier: MIT
import test from 'ava';
import { Tool } from './tool.js';

test('a testbed in virtual time cannot be brought up, for it would take input from the host', async (t) => {
  await using tool = await Tool.make();
  const { code, stderr } = await tool.run(['up', 'scenarios/virtual-time.json']);
  t.is(code, 2);
  t.regex(stderr, /would reach guests in virtual time from the host/);
});
