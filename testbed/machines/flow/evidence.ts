// SPDX-License-Identifier: MIT
/** State of a listening socket in /proc/net/tcp (TCP_LISTEN in the kernel's net/tcp_states.h). */
const LISTEN = '0A';

/** Lists a node's sockets. tcp6 is missing when the kernel has no IPv6. cat then fails, which is ignored. */
export const SOCKETS = ['cat', '/proc/net/tcp', '/proc/net/tcp6'] as const;

/** A port as the kernel writes it after an address. */
export function portSuffix(port: number): string {
  return `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Whether a listing made by {@link SOCKETS} has a socket that listens on a TCP port. */
export function listensIn(sockets: string, port: number): boolean {
  const suffix = portSuffix(port);
  return sockets
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
    .some(([, local = '', , state]) => local.endsWith(suffix) && state === LISTEN);
}
