// SPDX-License-Identifier: MIT
import type { LinkSpec } from '../../machines/network/network.js';
import type { Faults, Standstill, VirtualTime } from '../../machines/cluster/virtual-time.js';
import type { DeepReadonly } from '../../base/schema/deep-readonly.js';
import { parseBytes, parseDuration } from './quantity.js';
import type { ScenarioFile } from './scenario.schema.js';

/** `virtualTime` of a scenario once it fits the schema and has its defaults. */
type WrittenVirtualTime = DeepReadonly<ScenarioFile['virtualTime']>;

/**
 * Microseconds from node to node where a scenario leaves it to us. Guests whose frames took no time at all could never
 * run side by side; two machines on a gigabit switch see some 100 us of round trip.
 */
export function defaultDelay(): number {
  return 50;
}

export function readVirtualTime(written: WrittenVirtualTime, link: LinkSpec): VirtualTime {
  return {
    shift: written.shift,
    quantumNs: written.quantum === 'auto' ? link.delayUs * 1000 : nanoseconds(written.quantum),
    seed: written.seed,
    queueBytes: parseBytes(written.queue),
    captureBytes: parseBytes(written.capture),
    faults: readFaults(written.faults),
  };
}

function readFaults(written: WrittenVirtualTime['faults']): Faults {
  const { loss, duplicate, reorder, jitter, cuts, crashes, pauses, freezes } = written;
  return {
    loss,
    duplicate,
    reorder:
      reorder === undefined ? { part: 0, byNs: 0 } : { part: reorder.part, byNs: nanoseconds(reorder.by) },
    jitterNs: nanoseconds(jitter),
    cuts: cuts.map(({ from, to, ...which }) => ({
      ...which,
      fromNs: nanoseconds(from),
      toNs: nanoseconds(to),
    })),
    crashes: crashes.map(({ node, at }) => ({ node, atNs: nanoseconds(at) })),
    pauses: pauses.map(readStandstill).sort((a, b) => a.fromNs - b.fromNs),
    freezes: freezes.map(readStandstill).sort((a, b) => a.fromNs - b.fromNs),
  };
}

function readStandstill({ node, from, to }: WrittenVirtualTime['faults']['pauses'][number]): Standstill {
  return { node, fromNs: nanoseconds(from), toNs: nanoseconds(to) };
}

function nanoseconds(duration: string): number {
  return parseDuration(duration) * 1000;
}
