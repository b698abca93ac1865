// SPDX-License-Identifier: MIT
/** State of a listening socket in /proc/net/tcp (TCP_LISTEN in the kernel's net/tcp_states.h). */
const LISTEN = '0A';

/** Lists a node's sockets. tcp6 is missing where the kernel has no IPv6; cat then fails, which says nothing. */
export const SOCKETS = ['cat', '/proc/net/tcp', '/proc/net/tcp6'] as const;

/** A port as the kernel writes it behind an address. */
export function portSuffix(port: number): string {
  return `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Whether a listing of {@link SOCKETS} has one that listens on a TCP port. */
export function listensIn(sockets: string, port: number): boolean {
  const suffix = portSuffix(port);
  return sockets
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
    .some(([, local = '', , state]) => local.endsWith(suffix) && state === LISTEN);
}
