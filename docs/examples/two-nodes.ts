// SPDX-License-Identifier: MIT
// Boots two nodes and runs commands on them.
// Usage: node dist/docs/examples/two-nodes.js [KERNEL-LINE]
import { Testbed } from 'elasticos-testbed';

const [, , kernel = 'linux-6.1'] = process.argv;
const testbed = new Testbed({ name: 'two-nodes' });

// The guests end with this scope, or with this process if it ends before.
await using running = await testbed.up({ kernel, nodes: 2, memory: '128M', flows: [] });

for (const node of running.nodes) {
  const release = await node.succeed(['uname', '-r']);
  console.log(`${node.name} at ${node.address} runs ${release.trim()}`);
}

const node1 = running.node('node1');
await node1.succeed(['ping', '-c', '1', 'node2']);
const { code } = await node1.exec(['sh', '-c', 'exit 42']);
console.log(`status ${String(code)}`);
