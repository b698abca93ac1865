// SPDX-License-Identifier: MIT
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** A line of a console or a transcript, with the instant at which it ended. */
export interface EvidenceLine {
  readonly atNs: number;
  readonly text: string;
}

/** Yields the lines of a file in which each begins with its instant, in seconds. */
export async function* evidenceLines(path: string): AsyncGenerator<EvidenceLine> {
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const [, seconds, nanoseconds, text] = /^(\d+)\.(\d{9}) (.*)$/.exec(line) ?? [];
    if (text !== undefined) yield { atNs: Number(seconds) * 1e9 + Number(nanoseconds), text };
  }
}
