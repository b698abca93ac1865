// SPDX-License-Identifier: MIT
import test from 'ava';
import { complaintsOf } from './complaints.js';

const TEXT = 'export const trial = 1;\n';

async function complaints(path: string): Promise<readonly string[]> {
  return (await complaintsOf('house/names', path, TEXT)).map(({ message }) => message);
}

test('a second module of one name is refused, and told of the first', async (t) => {
  const [complaint = '', ...more] = await complaints('base/clock/cluster.ts');
  t.deepEqual(more, []);
  t.regex(
    complaint,
    /^testbed\/base\/clock\/cluster\.ts and testbed\/machines\/cluster\/cluster\.ts have one name/,
  );
});

test('a module is not its own twin, and a name that nobody has is free', async (t) => {
  t.deepEqual(await complaints('machines/cluster/cluster.ts'), []);
  t.deepEqual(await complaints('machines/cluster/no-such-name.ts'), []);
});

test('each folder may have its errors.ts', async (t) => {
  t.deepEqual(await complaints('machines/cluster/errors.ts'), []);
});

test('a file of cli/commands/ is called after its command, whoever else has the name', async (t) => {
  t.deepEqual(await complaints('cli/commands/cluster.ts'), []);
  t.deepEqual(await complaints('cli/view/crash.ts'), [], 'and keeps no name from others');
});
