// SPDX-License-Identifier: MIT
import { open } from 'node:fs/promises';

/** More than the lines that are wanted ever have, and little to read twice a second. */
const BYTES = 4096;

/** The last whole lines of a file that grows; none when it cannot be read. */
export async function lastLines(path: string, count: number): Promise<readonly string[]> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    const start = Math.max(0, size - BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BYTES), 0, BYTES, start);
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n').slice(0, -1);
    return (start > 0 ? lines.slice(1) : lines).slice(-count);
  } catch {
    return [];
  }
}
