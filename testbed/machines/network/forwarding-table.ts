// SPDX-License-Identifier: MIT

/** Limit of stations on one port. A guest has one or two addresses; a broken guest must not fill the switch's memory. */
const MAX_STATIONS_A_PORT = 64;

const HEADER_BYTES = 14;

/** Where a learning switch sends a frame (IEEE 802.1D, without ageing, since stations here do not move). */
export class ForwardingTable {
  readonly #portOf = new Map<string, number>();
  readonly #stations = new Map<number, number>();

  constructor(private readonly ports: readonly number[]) {}

  /**
   * Learns the sender's port and returns the ports that the frame goes to: the port of its destination; all other ports
   * when that is not known or the destination is a group; none when the destination is behind the port it came from.
   */
  forward(frame: Buffer, from: number): readonly number[] {
    if (frame.length < HEADER_BYTES) return [];
    this.#learn(frame.toString('latin1', 6, 12), from);
    const to = isGroup(frame) ? undefined : this.#portOf.get(frame.toString('latin1', 0, 6));
    if (to === from) return [];
    return to === undefined ? this.ports.filter((port) => port !== from) : [to];
  }

  #learn(source: string, port: number): void {
    if (this.#portOf.get(source) === port) return;
    const known = this.#stations.get(port) ?? 0;
    if (known >= MAX_STATIONS_A_PORT) return;
    this.#stations.set(port, known + 1);
    this.#portOf.set(source, port);
  }
}

/** The lowest bit of the first byte marks broadcast and multicast. */
function isGroup(frame: Buffer): boolean {
  return (frame.readUInt8(0) & 1) === 1;
}
