// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { processStartTime } from './process-identity.js';

/** What the holder of a lock writes into its file. */
export interface LockHolder {
  readonly pid: number;
  readonly startTime: string;
  readonly purpose: string;
  /** ISO 8601. */
  readonly since: string;
}

/** The holder of a lock, as its file says. Undefined when the process that wrote the file no longer runs. */
export async function lockHolder(path: string): Promise<LockHolder | undefined> {
  try {
    const holder = JSON.parse(await readFile(path, 'utf8')) as LockHolder;
    return (await processStartTime(holder.pid)) === holder.startTime ? holder : undefined;
  } catch {
    // An empty file: the lock was released, or its holder has not written yet.
    return undefined;
  }
}

export function holderText(holder: LockHolder | undefined): string {
  return holder === undefined
    ? 'another process'
    : `process ${holder.pid}, which has been ${holder.purpose} since ${holder.since}`;
}
