// SPDX-License-Identifier: MIT
import { processStat } from './process-stat.js';

/**
 * When a process was started, in clock ticks since boot (field 22 of /proc/PID/stat, see proc(5)); undefined when
 * there is no such process or it is a zombie. Pid and start time together are never used twice.
 */
export async function processStartTime(pid: number): Promise<string | undefined> {
  const fields = await processStat(pid);
  return fields?.[0] === 'Z' ? undefined : fields?.[19];
}
