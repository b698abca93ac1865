// SPDX-License-Identifier: MIT

/** node1 to node253: the addresses of a /24 except that of the host. */
export const MAX_NODES = 253;

export const PREFIX_LENGTH = 24;

/** The testbed's own address on the network. */
export const HOST_ADDRESS = '10.77.0.254';

/** 10.77.0.1 for index 1. */
export function nodeAddress(index: number): string {
  return `10.77.0.${checked(index)}`;
}

/** 52:54:00:77:00:01 for index 1. Locally administered, like QEMU's own addresses. */
export function nodeMac(index: number): string {
  return `52:54:00:77:00:${checked(index).toString(16).padStart(2, '0')}`;
}

function checked(index: number): number {
  if (Number.isInteger(index) && index >= 1 && index <= MAX_NODES) return index;
  throw new RangeError(`a node's index is 1 to ${MAX_NODES}, not ${index}`);
}
