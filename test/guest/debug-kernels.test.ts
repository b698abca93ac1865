// SPDX-License-Identifier: MIT
import test from 'ava';
import type { TestbedStatus } from '../../testbed/supervisor/protocol.js';
import { kernelsAtHand } from './kernels-at-hand.js';
import { Tool } from './tool.js';

/** Fills tmpfs, whose pages go to swap, until a thousand have gone; how much that takes depends on the line's checks. */
const FILL_UNTIL_IT_SWAPS = `
  i=0
  while [ "$(awk '/^pswpout/ { print $2 }' /proc/vmstat)" -lt 1000 ]; do
    [ $i -lt 60 ] || exit 1
    for place in /tmp /dev/shm; do dd if=/dev/zero of=$place/fill$i bs=1M count=8 2>/dev/null; done
    i=$((i + 1))
  done
  rm /tmp/fill* /dev/shm/fill*
`;

for (const { line, missing } of kernelsAtHand('debug')) {
  const declare = missing === undefined ? test.serial : test.serial.skip;
  const because = missing === undefined ? '' : ` (${missing})`;

  declare(
    `${line} debug: swaps over the network under lockdep, and nothing is reported${because}`,
    async (t) => {
      t.timeout(1_200_000);
      await using tool = await Tool.make();
      await tool.succeed('up', '--kernel', line, '--debug');
      const lockdep = await tool.run(['exec', 'node1', '--', 'test', '-e', '/proc/lockdep_stats']);
      t.is(lockdep.code, 0, 'lockdep is there');
      await tool.succeed('exec', 'node1', '--', 'sh', '-c', FILL_UNTIL_IT_SWAPS);
      await tool.succeed('exec', 'node1', '--', 'linear-search', '--bytes', '8M', '--seed', '1');
      await tool.succeed('exec', 'node1', '--', 'modprobe', 'hello');
      await tool.succeed('exec', 'node1', '--', 'rmmod', 'hello');
      // A report of lockdep, KASAN, DEBUG_VM or kmemleak would have ended the commands above, and the node.
      const { nodes } = await tool.json<TestbedStatus>('status');
      t.deepEqual(
        nodes.map(({ state, reason }) => reason ?? state),
        ['up', 'up'],
      );
    },
  );
}
