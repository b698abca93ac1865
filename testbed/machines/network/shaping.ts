// SPDX-License-Identifier: MIT
import type { LinkSpec } from './network.js';

/** How one direction of a node's link is made to carry what was asked and no more; sizes in bytes. */
export interface Shaping {
  /** Bits per second of Ethernet frames, headers included, preamble and gap not. */
  readonly rate: number;
  /** Depth of the token bucket: what may pass at once after a pause. */
  readonly burstBytes: number;
  /** What may wait; a frame that finds it full is lost, as in a switch. */
  readonly queueBytes: number;
  /** What the sending guest may have under way; above it its NIC waits instead of losing frames. */
  readonly sendBufferBytes: number;
}

/**
 * Seconds that the bucket holds. A host that wakes us up late makes up for it within this time. Measured with two
 * TCG guests on two cores at 1 Gbit/s (TCP payload, at most 0.956 of the rate with 1500-byte frames): 0.5 ms gave
 * 0.44-0.62 Gbit/s, 1 ms 0.89-0.94, 2 ms 0.93-0.95, 4 ms 0.94-0.96; the more, the longer a burst that no wire carries.
 */
const BURST_SECONDS = 0.002;
const QUEUE_SECONDS = 0.005;

/** Ten full frames: below it tbf could not even pass what a receiver acknowledges at once. */
const MIN_BURST_BYTES = 10 * 1514;

/** As much as a NIC's ring of 256 descriptors holds, twice over; less would leave the link idle while a guest is woken. */
const MIN_SEND_BUFFER_BYTES = 256 * 1024;

/** The largest frame that segmentation offload hands over. */
const OFFLOADED_FRAME_BYTES = 64 * 1024;

export function shapingOf(link: LinkSpec): Shaping {
  const bytesPerSecond = link.bandwidth / 8;
  const burstBytes = Math.max(Math.round(bytesPerSecond * BURST_SECONDS), MIN_BURST_BYTES);
  const sendBufferBytes = Math.max(burstBytes, MIN_SEND_BUFFER_BYTES);
  // The queue holds more than a sender may have under way: one sender alone never loses a frame to it.
  const queueBytes = Math.max(
    Math.round(bytesPerSecond * QUEUE_SECONDS),
    sendBufferBytes + 2 * OFFLOADED_FRAME_BYTES,
  );
  return { rate: link.bandwidth, burstBytes, queueBytes, sendBufferBytes };
}

/** Full frames that a delay line has to hold at this rate, twice over: netem's limit is a count. */
export function framesInFlight(link: LinkSpec): number {
  const frames = ((link.bandwidth / 8) * (link.delayUs / 1e6)) / 1514;
  return Math.max(1000, Math.ceil(2 * frames));
}
