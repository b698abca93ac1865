// SPDX-License-Identifier: MIT
import { Ajv } from 'ajv';
import test from 'ava';
import { schemaProblems } from '../../../testbed/base/schema/problems.js';

/** What there is to say of a value that must be a string. */
function problemsOf(value: unknown): readonly string[] {
  const validate = new Ajv({ verbose: true }).compile({ type: 'string', examples: ['64M'] });
  validate(value);
  return schemaProblems(validate.errors ?? []);
}

test('a problem is told with the value, shortened where it is long', (t) => {
  t.deepEqual(problemsOf([1]), ['/ is [1]; must be string, such as "64M"']);
  t.deepEqual(problemsOf(['x'.repeat(100)]), [`/ is ["${'x'.repeat(55)}...; must be string, such as "64M"`]);
});

test('a value with very many levels is told too', (t) => {
  const deep: unknown = JSON.parse('['.repeat(200_000) + ']'.repeat(200_000));
  t.deepEqual(problemsOf(deep), ['/ is something with very many levels; must be string, such as "64M"']);
});
