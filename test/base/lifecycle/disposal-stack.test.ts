// SPDX-License-Identifier: MIT
import test from 'ava';
import { DisposalStack } from '../../../testbed/base/lifecycle/disposal-stack.js';

test('what was started first ends last', async (t) => {
  const order: string[] = [];
  const stack = new DisposalStack();
  stack.defer(() => void order.push('network'));
  stack.defer(async () => {
    await Promise.resolve();
    order.push('guest');
  });
  await stack[Symbol.asyncDispose]();
  t.deepEqual(order, ['guest', 'network']);
});

test('one that cannot be ended does not keep the others alive', async (t) => {
  const order: string[] = [];
  const stack = new DisposalStack();
  stack.defer(() => void order.push('network'));
  stack.defer(() => {
    throw new Error('stuck');
  });
  await t.throwsAsync(async () => stack[Symbol.asyncDispose](), { message: 'stuck' });
  t.deepEqual(order, ['network']);
});

test('several failures are told together', async (t) => {
  const stack = new DisposalStack();
  for (const name of ['one', 'two']) {
    stack.defer(() => {
      throw new Error(name);
    });
  }
  const error = await t.throwsAsync<AggregateError>(async () => stack[Symbol.asyncDispose]());
  t.deepEqual(
    error.errors.map((inner: Error) => inner.message),
    ['two', 'one'],
  );
});

test('a second disposal waits for the first and does nothing again', async (t) => {
  let count = 0;
  const stack = new DisposalStack();
  stack.defer(() => void (count += 1));
  await Promise.all([stack[Symbol.asyncDispose](), stack[Symbol.asyncDispose]()]);
  t.is(count, 1);
});

test('registering after the end is refused, since it would leak', async (t) => {
  const stack = new DisposalStack();
  await stack[Symbol.asyncDispose]();
  t.throws(() => {
    stack.defer(() => undefined);
  });
});

test('a constructor that has succeeded moves everything to its owner', async (t) => {
  let ended = false;
  const building = new DisposalStack();
  building.defer(() => void (ended = true));
  const owner = building.move();
  await building[Symbol.asyncDispose]();
  t.false(ended);
  await owner[Symbol.asyncDispose]();
  t.true(ended);
});
