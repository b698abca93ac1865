// SPDX-License-Identifier: MIT
import type { ConnectionPool } from './connection-pool.js';

/**
 * Asks politely, then firmly: SIGTERM, and SIGKILL for what is left of the group a fifth of a second later. Ends as
 * soon as the group is gone; a zombie counts as a member until somebody reaps it.
 */
function killScript(group: number): string {
  return [
    `kill -TERM -${group} 2>/dev/null || exit 0`,
    'for wait in 1 2 3 4 5 6 7 8 9 10; do',
    `sleep 0.02; kill -0 -${group} 2>/dev/null || exit 0`,
    'done',
    `kill -KILL -${group} 2>/dev/null`,
  ].join('\n');
}

/** Kills a process group, over a connection of its own. Resolves when that is done, or cannot be done any more. */
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
    // Without a connection there is nobody to ask; the node is dead or on its way.
  }
}
