// SPDX-License-Identifier: MIT
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

/** The kernel expects the next archive at a multiple of four (init/initramfs.c), and skips zeros before it. */
const ALIGNMENT = 4;

/** Joins cpio archives, compressed or not, into the one file that QEMU takes. */
export async function joinInitrd(parts: readonly string[], path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const part of parts) {
      let bytes = 0;
      for await (const chunk of createReadStream(part, {
        highWaterMark: 1024 * 1024,
      }) as AsyncIterable<Buffer>) {
        await file.writeFile(chunk);
        bytes += chunk.length;
      }
      const padding = (ALIGNMENT - (bytes % ALIGNMENT)) % ALIGNMENT;
      if (padding > 0) await file.writeFile(Buffer.alloc(padding));
    }
  } finally {
    await file.close();
  }
}
