// SPDX-License-Identifier: MIT
import { readdir, readFile, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Ends everything that works on the state folder below FOLDER, the only argument, and removes FOLDER. {@link Tool} has it
 * run when its own process was killed. Processes are known by their environment, which they inherit.
 */
const [, , folder = ''] = process.argv;

/** For supervisors and commands to end in order. */
const GRACE_MS = 20_000;

async function processesOf(mark: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const owned = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      return pid !== process.pid && environment.split('\0').includes(mark);
    }),
  );
  return pids.filter((_, index) => owned[index]);
}

/** Those that are still there after a while are killed. */
async function endAll(mark: string): Promise<void> {
  const end = performance.now() + GRACE_MS;
  for (;;) {
    const pids = await processesOf(mark);
    if (pids.length === 0) return;
    const signal = performance.now() < end ? 'SIGTERM' : 'SIGKILL';
    for (const pid of pids) {
      try {
        process.kill(pid, signal);
      } catch {
        // It has ended meanwhile.
      }
    }
    // A second SIGTERM would end a command at once, before what it has started.
    await Promise.race([delay(signal === 'SIGTERM' ? GRACE_MS : 500), gone(pids)]);
  }
}

async function gone(pids: readonly number[]): Promise<void> {
  const alive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  while (pids.some(alive)) await delay(100);
}

if (folder !== '') {
  await endAll(`TESTBED_STATE=${folder}/state`);
  await rm(folder, { recursive: true, force: true });
}
