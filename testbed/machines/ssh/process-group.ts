// SPDX-License-Identifier: MIT
import type { ConnectionPool } from './connection-pool.js';

/**
 * Asks politely, then firmly: SIGTERM, and SIGKILL for what is left of the group two seconds later, which leave a shell on a
 * busy host the time to put its things away. Ends as soon as the group is gone; a zombie counts as a member until
 * somebody reaps it.
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
