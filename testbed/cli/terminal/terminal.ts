// SPDX-License-Identifier: MIT
import type { Streams } from '../../api/node/testbed-node.js';
import type { Terminal } from '../../supervisor/protocol.js';
import { writeTo } from './write-to.js';

/** Size and kind of this process's terminal, or a common one; a terminal that does not know its size has 0 columns. */
export function ownTerminal(): Terminal {
  return {
    rows: process.stdout.rows || 24,
    columns: process.stdout.columns || 80,
    term: process.env['TERM'] ?? 'vt100',
  };
}

/**
 * Connects this process's terminal, in raw mode, to a request. The byte `leaveOn` ends it (Ctrl-] for a console, which
 * does not end by itself).
 */
export async function onTerminal<T>(
  leaveOn: number | undefined,
  body: (streams: Streams) => Promise<T>,
): Promise<T> {
  const { stdin, stdout } = process;
  if (stdin.isTTY) stdin.setRawMode(true);
  let onResize: (() => void) | undefined;
  try {
    return await body({
      stdin: until(stdin as AsyncIterable<Buffer>, leaveOn),
      onStdout: writeTo(stdout),
      onResizable: (resize) => {
        onResize = () => {
          resize(ownTerminal());
        };
        stdout.on('resize', onResize);
      },
    });
  } finally {
    if (onResize !== undefined) stdout.off('resize', onResize);
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.pause();
  }
}

async function* until(source: AsyncIterable<Buffer>, byte: number | undefined): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    const end = byte === undefined ? -1 : chunk.indexOf(byte);
    if (end !== -1) {
      if (end > 0) yield chunk.subarray(0, end);
      return;
    }
    yield chunk;
  }
}
