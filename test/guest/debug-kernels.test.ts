// SPDX-License-Identifier: MIT
import test from 'ava';
import type { TestbedStatus } from '../../testbed/supervisor/protocol.js';
import { kernelsAtHand } from './kernels-at-hand.js';
import { Tool } from './tool.js';

for (const { line, missing } of kernelsAtHand('debug')) {
  const declare = missing === undefined ? test.serial : test.serial.skip;
  const because = missing === undefined ? '' : ` (${missing})`;

  declare(
    `${line} debug: network swap is set up under lockdep, and nothing is reported${because}`,
    async (t) => {
      t.timeout(1_200_000);
      await using tool = await Tool.make();
      await tool.succeed('up', '--kernel', line, '--debug');
      const lockdep = await tool.run(['exec', 'node1', '--', 'test', '-e', '/proc/lockdep_stats']);
      t.is(lockdep.code, 0, 'lockdep is there');
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
