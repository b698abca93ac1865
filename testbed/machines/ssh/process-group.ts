// SPDX-License-Identifier: MIT
import type { ConnectionPool } from './connection-pool.js';

/**
 * Sends SIGTERM, and two seconds later SIGKILL to the rest of the group. Two seconds let a shell on a busy host clean up.
 * The script ends as soon as the group is gone. A zombie counts as a member until it is reaped.
 */
function killScript(group: number): string {
  return [
    `kill -TERM -${group} 2>/dev/null || exit 0`,
    'looks=0',
    'while [ $looks -lt 100 ]; do',
    `sleep 0.02; kill -0 -${group} 2>/dev/null || exit 0`,
    'looks=$((looks + 1))',
    'done',
    `kill -KILL -${group} 2>/dev/null`,
  ].join('\n');
}

/** Kills a process group, over a connection of its own. Resolves when that is done, or no longer possible. */
export async function killGroup(pool: ConnectionPool, group: number): Promise<void> {
  try {
    const connection = await pool.borrow();
    try {
      const channel = await connection.start(killScript(group));
      channel.end();
      channel.resume();
      channel.stderr.resume();
      await new Promise<void>((resolve) => {
        channel.once('close', resolve);
      });
    } finally {
      pool.release(connection);
    }
  } catch {
    // There is no connection: the node is dead or dying.
  }
}
