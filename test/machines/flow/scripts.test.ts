// SPDX-License-Identifier: MIT
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { projectRoot } from '../../../testbed/base/host/paths.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';

const guests = join(projectRoot(), 'guests');
const scripts = [
  ...(await readdir(guests)).filter((name) => name.endsWith('.sh')),
  'debian/beside-swap',
  'debian/debian-program',
  'debian/pipeline',
].map((name) => join(guests, name));

const shellcheck = await systemProcesses.run(['shellcheck', '--version']).then(
  () => true,
  () => false,
);
const [withShellcheck, why] = shellcheck ? [test, ''] : [test.skip, ' (this host: no shellcheck)'];

withShellcheck(`shellcheck has nothing to say about the guests’ scripts${why}`, async (t) => {
  const { stdout } = await systemProcesses.run(['shellcheck', '-x', '-P', projectRoot(), ...scripts]);
  t.is(stdout, '');
});

interface Refusal {
  readonly script: string;
  readonly words?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly says: RegExp;
}

/** What ends with 64 before anything on the machine is touched; a guest has set none of these variables. */
const REFUSALS: readonly Refusal[] = [
  { script: 'nbd-setup.sh', says: /usage: nbd-setup.sh \[memory-node/ },
  { script: 'nbd-setup.sh', words: ['both'], says: /usage/ },
  { script: 'nbd-setup.sh', words: ['memory-node'], says: /EOS_LOCAL_ADDRESS is not an IPv4 address: ''/ },
  {
    script: 'nbd-setup.sh',
    words: ['compute-node'],
    env: { EOS_LOCAL_ADDRESS: '127.0.0.1', EOS_REMOTE_MACHINE: 'node2' },
    says: /EOS_REMOTE_MACHINE is not an IPv4 address: 'node2'/,
  },
  { script: 'disk-swap-setup.sh', words: ['/dev/vda'], says: /usage/ },
  { script: 'setup-dest.sh', words: ['x'], says: /usage/ },
  {
    script: 'setup-dest.sh',
    env: { EOS_LOCAL_ADDRESS: '192.0.2.1', EOS_REMOTE_MACHINE: '127.0.0.1' },
    says: /EOS_LOCAL_ADDRESS is not an address of this node: 192\.0\.2\.1/,
  },
  {
    script: 'setup-src.sh',
    env: { EOS_LOCAL_ADDRESS: '127.0.0.1', EOS_REMOTE_MACHINE: '127.0.0.1', EOS_REMOTE_PS_PORT: '70000' },
    says: /EOS_REMOTE_PS_PORT is not a port: '70000'/,
  },
  {
    script: 'setup-src.sh',
    env: { EOS_LOCAL_ADDRESS: '127.0.0.1', EOS_REMOTE_MACHINE: '127.0.0.1', EOS_DIR: '/no/such/folder' },
    says: /EOS_DIR is not a folder/,
  },
];

for (const { script, words = [], env = {}, says } of REFUSALS) {
  test(`${[script, ...words].join(' ')} refuses: ${says.source}`, async (t) => {
    const { code, stderr } = await systemProcesses.run([join(guests, script), ...words], { env });
    t.is(code, 64);
    t.regex(stderr, says);
  });
}
