// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';

/**
 * When a process was started, in clock ticks since boot (field 22 of /proc/PID/stat, see proc(5)); undefined when
 * there is no such process or it is a zombie. Pid and start time together are never used twice.
 */
export async function processStartTime(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses and may itself contain spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
