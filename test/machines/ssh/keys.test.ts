// SPDX-License-Identifier: MIT
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';
import {
  credentialsOf,
  ed25519Key,
  makeTestbedKeys,
  openSshPrivateKey,
  openSshPublicKey,
} from '../../../testbed/machines/ssh/keys.js';

async function writeKey(t: ExecutionContext, content: string | Buffer): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'testbed-keys-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'key');
  await writeFile(path, content, { mode: 0o600 });
  return path;
}

test('ssh-keygen reads the private key and finds the same public one', async (t) => {
  const { login } = makeTestbedKeys(1);
  const path = await writeKey(t, openSshPrivateKey(login));
  const { stdout } = await systemProcesses.succeed(['ssh-keygen', '-y', '-f', path]);
  t.is(stdout.trim(), `${openSshPublicKey(login)} testbed`);
});

test('the public half is that of RFC 8032, section 7.1, test 1', (t) => {
  const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
  t.is(
    ed25519Key(seed).publicKey.toString('hex'),
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  );
});

test('a seed gives the same keys, however many nodes there are', (t) => {
  const two = makeTestbedKeys(2, 'seed');
  const four = makeTestbedKeys(4, 'seed');
  t.deepEqual(two.login, four.login);
  t.deepEqual(two.hosts, four.hosts.slice(0, 2));
  t.is(openSshPrivateKey(two.login), openSshPrivateKey(four.login));
});

test('all keys of a testbed differ, and so do those of two testbeds', (t) => {
  const [one, other] = [makeTestbedKeys(3), makeTestbedKeys(3)];
  const keys = [one.login, ...one.hosts, other.login, ...other.hosts].map(openSshPublicKey);
  t.is(new Set(keys).size, keys.length);
});

test('a node beyond the last has no credentials', (t) => {
  const keys = makeTestbedKeys(2);
  t.regex(credentialsOf(keys, 2).hostKey, /^ssh-ed25519 AAAA/);
  t.throws(() => credentialsOf(keys, 3), { instanceOf: RangeError });
});
