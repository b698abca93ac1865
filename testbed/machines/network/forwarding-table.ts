// SPDX-License-Identifier: MIT

/** Stations that one port may announce: a guest has one or two addresses, and a broken one must not fill our memory. */
const MAX_STATIONS_A_PORT = 64;

const HEADER_BYTES = 14;

/** Where a learning switch sends a frame (IEEE 802.1D, without ageing: stations here do not move). */
export class ForwardingTable {
  readonly #portOf = new Map<string, number>();
  readonly #stations = new Map<number, number>();

  constructor(private readonly ports: readonly number[]) {}

  /**
   * Learns the sender's port and says where the frame goes: to the one port that its destination is behind, to all
   * others when that is not known or the destination is a group, nowhere when it is behind the port that it came from.
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
