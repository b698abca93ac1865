// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** The files of a run. They are the same whenever the run is repeated. */
export interface Evidence {
  readonly consoles: readonly { readonly name: string; readonly path: string }[];
  readonly transcript: string;
  /** Absent where nothing was captured. */
  readonly capture?: string;
}

/** sha256 (hex) over these files. */
export async function digestOf({ consoles, transcript, capture }: Evidence): Promise<string> {
  const hash = createHash('sha256');
  const files = [
    ...consoles.map(({ name, path }) => [`console ${name}`, path] as const),
    ['transcript', transcript] as const,
    ...(capture === undefined ? [] : [['capture', capture] as const]),
  ];
  for (const [name, path] of files) hash.update(`${name} ${await fileDigest(path)}\n`);
  return hash.digest('hex');
}

async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}
