// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { Readable, type Writable } from 'node:stream';
import type { ExecOptions } from './session.js';

/**
 * Writes a command's standard input, no faster than the command reads it, and ends it. Stops when `gone` is aborted,
 * since a command need not read all of its input.
 * @throws errors of reading `input`. The command's input is then left open.
 */
export async function feed(
  channel: Writable,
  preamble: Buffer | undefined,
  input: ExecOptions['input'],
  gone: AbortSignal,
): Promise<void> {
  if (preamble !== undefined) channel.write(preamble);
  if (input instanceof Readable) {
    for await (const chunk of input as AsyncIterable<Buffer | string>) {
      if (gone.aborted) return;
      if (!channel.write(chunk)) await drained(channel, gone);
    }
  } else if (input !== undefined) {
    channel.write(input);
  }
  if (!gone.aborted) channel.end();
}

async function drained(channel: Writable, gone: AbortSignal): Promise<void> {
  try {
    await once(channel, 'drain', { signal: gone });
  } catch (thrown) {
    if (!gone.aborted) throw thrown;
  }
}
