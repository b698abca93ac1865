// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';

/**
 * The fields of /proc/PID/stat from the third on, the state (see proc(5)): field N is at index N - 3. Undefined when there is
 * no such process.
 */
export async function processStat(pid: number): Promise<readonly string[] | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses and may itself contain spaces and parentheses.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
