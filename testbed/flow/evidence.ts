// SPDX-License-Identifier: MIT
import type { SshSession } from '../ssh/session.js';

/** State of a listening socket in /proc/net/tcp (TCP_LISTEN in the kernel's net/tcp_states.h). */
const LISTEN = '0A';

/** Whether something on the node listens on a TCP port, by what its kernel says. */
export async function listens(session: SshSession, port: number, signal: AbortSignal): Promise<boolean> {
  // tcp6 is missing where the kernel has no IPv6; cat then reports a failure that says nothing about the port.
  const { stdout } = await session.exec(['cat', '/proc/net/tcp', '/proc/net/tcp6'], { signal });
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return stdout
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
    .some(([, local = '', , state]) => local.endsWith(suffix) && state === LISTEN);
}
