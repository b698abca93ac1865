// SPDX-License-Identifier: MIT
import test from 'ava';
import { identityFiles } from '../../../testbed/machines/cluster/guest-identity.js';
import type { NodeShape } from '../../../testbed/machines/cluster/shape.js';

const COMPUTE: NodeShape = { role: 'compute', memoryBytes: 2 ** 28, cpus: 1 };
const MEMORY: NodeShape = { ...COMPUTE, role: 'memory' };

/** /etc/environment of a node of a cluster, as pairs. */
function environmentOf(index: number, ...nodes: readonly NodeShape[]): Record<string, string> {
  const files = identityFiles({
    index,
    shape: {
      nodes,
      link: { bandwidth: 1e9, delayUs: 0 },
      kernelArguments: [],
      gdb: false,
      dumpOnDeath: false,
      root: 'initramfs',
    },
    attachments: nodes.map((_, i) => ({
      index: i + 1,
      address: `10.77.0.${i + 1}`,
      mac: '',
      qemuArguments: [],
      descriptors: [],
      ssh: { host: '', port: 22 },
    })),
    prefixLength: 24,
    hostKey: Buffer.from(''),
    loginPublicKey: '',
    managerKey: Buffer.from(''),
  });
  const content = String(files.find(({ path }) => path === 'etc/environment')?.content);
  return Object.fromEntries(
    content
      .trim()
      .split('\n')
      .map((line) => line.split('=')),
  ) as Record<string, string>;
}

test('a node is told the variables of the 2018 release', (t) => {
  t.deepEqual(environmentOf(1, COMPUTE, MEMORY), {
    EOS_LOCAL_ADDRESS: '10.77.0.1',
    EOS_REMOTE_MACHINE: '10.77.0.2',
    EOS_REMOTE_PS_PORT: '8022',
    EOS_RESTART_LISTENER_PORT: '9999',
    EOS_DIR: '/usr/lib/testbed',
  });
});

const PEERS = [
  [2, [COMPUTE, MEMORY], '10.77.0.1'],
  [3, [COMPUTE, MEMORY, MEMORY], '10.77.0.1'],
  [2, [COMPUTE, COMPUTE, MEMORY], '10.77.0.3'],
  [3, [COMPUTE, MEMORY, COMPUTE, MEMORY], '10.77.0.4'],
  [3, [COMPUTE, COMPUTE, COMPUTE, MEMORY, MEMORY], '10.77.0.4'],
  [1, [COMPUTE], undefined],
  [1, [COMPUTE, COMPUTE], undefined],
] as const;

for (const [index, nodes, peer] of PEERS)
  test(`the other node of node${index} of ${nodes.map(({ role }) => role).join(', ')} is ${String(peer)}`, (t) => {
    t.is(environmentOf(index, ...nodes)['EOS_REMOTE_MACHINE'], peer);
  });
