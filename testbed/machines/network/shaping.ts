// SPDX-License-Identifier: MIT
import type { LinkSpec } from './network.js';

/** How one direction of a node's link is limited to the requested rate. Sizes in bytes. */
export interface Shaping {
  /** Bits per second of Ethernet frames, with headers, without preamble and gap. */
  readonly rate: number;
  /** Depth of the token bucket: the bytes that may pass at once after a pause. */
  readonly burstBytes: number;
  /** Size of the queue. A frame that finds it full is lost, as in a switch. */
  readonly queueBytes: number;
  /** Bytes that the sending guest may have in transit. Above this its NIC waits and loses no frames. */
  readonly sendBufferBytes: number;
}

/**
 * Seconds of the rate that the bucket holds. A late wake-up by the host is made up for within this time. Measured with
 * two TCG guests on two cores at 1 Gbit/s (TCP payload, at most 0.956 of the rate with 1500-byte frames): 0.5 ms gave
 * 0.44-0.62 Gbit/s, 1 ms 0.89-0.94, 2 ms 0.93-0.95, 4 ms 0.94-0.96. A larger bucket allows longer bursts above the rate.
 */
const BURST_SECONDS = 0.002;
const QUEUE_SECONDS = 0.005;

/** Ten full frames. With less, tbf could not pass the data that a receiver acknowledges at once. */
const MIN_BURST_BYTES = 10 * 1514;

/** Twice what a NIC's ring of 256 descriptors holds. With less, the link would be idle while a guest is woken. */
const MIN_SEND_BUFFER_BYTES = 256 * 1024;

/** The largest frame that segmentation offload hands over. */
const OFFLOADED_FRAME_BYTES = 64 * 1024;

export function shapingOf(link: LinkSpec): Shaping {
  const bytesPerSecond = link.bandwidth / 8;
  const burstBytes = Math.max(Math.round(bytesPerSecond * BURST_SECONDS), MIN_BURST_BYTES);
  const sendBufferBytes = Math.max(burstBytes, MIN_SEND_BUFFER_BYTES);
  // The queue holds more than a sender may have in transit, so a single sender never loses a frame.
  const queueBytes = Math.max(
    Math.round(bytesPerSecond * QUEUE_SECONDS),
    sendBufferBytes + 2 * OFFLOADED_FRAME_BYTES,
  );
  return { rate: link.bandwidth, burstBytes, queueBytes, sendBufferBytes };
}

/** Twice the number of full frames in the delay line at this rate. netem's limit is a count of frames. */
export function framesInFlight(link: LinkSpec): number {
  const frames = ((link.bandwidth / 8) * (link.delayUs / 1e6)) / 1514;
  return Math.max(1000, Math.ceil(2 * frames));
}
