// SPDX-License-Identifier: MIT
import type { TestbedStatus } from '../../testbed/supervisor/protocol.js';
import type { Tool } from '../guest/tool.js';

/** kmemleak looks by itself every ten minutes, and at nothing that is younger than five seconds. */
const SCAN = `
set -e
[ -e /sys/kernel/debug/kmemleak ] || mount -t debugfs none /sys/kernel/debug
sleep 6
echo scan >/sys/kernel/debug/kmemleak
echo scan >/sys/kernel/debug/kmemleak
cat /sys/kernel/debug/kmemleak`;

/**
 * Has the debug kernels of all nodes that are up look for memory that nothing leads to any more.
 * @throws Error with what they find; a kernel's own report of it ends the command as well
 */
export async function findNoLeaks(tool: Tool): Promise<void> {
  const { nodes } = await tool.json<TestbedStatus>('status');
  for (const { name, state } of nodes) {
    if (state !== 'up') continue;
    const { stdout } = await tool.succeed('exec', name, '--', 'sh', '-c', SCAN);
    if (stdout !== '') throw new Error(`${name} has lost memory: ${stdout}`);
  }
}
