// SPDX-License-Identifier: MIT
// Cuts off a node that a process is stretched to.
// Usage: node dist/docs/examples/partition.js [KERNEL-LINE]
import { Testbed } from 'elasticos-testbed';

const [, , kernel = 'linux-6.1'] = process.argv;
const testbed = new Testbed({ name: 'partition' });
await using running = await testbed.up({
  kernel,
  nodes: 2,
  memory: '128M',
  // Module and manager, on the node that lends memory first.
  flows: ['setup-dest', 'setup-src'],
});
const [home, lender] = [running.node('node1'), running.node('node2')];

// It needs more than its budget, so that the manager stretches it to the other node.
const program = ['heap-sort', '--bytes', '64M', '--seed', '1'];
const ended = home.exec(['elastic', 'run', '--budget', '24M', '--', ...program]);
// A shell on the other node is not enough: some pages have to be there.
await home.waitUntilSucceeds(['grep', '-q', '^pushed_pages [1-9]', '/proc/elasticos']);
console.log('stretched');

await lender.partition();
const { code, signal } = await ended;
console.log(`ended by ${signal ?? `status ${String(code)}`}`);
console.log((await home.succeed(['grep', '^reason', '/proc/elasticos'])).trim());
