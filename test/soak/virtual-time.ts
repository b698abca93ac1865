// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { RunOutcome } from '../../testbed/experiment/run-plan.js';
import type { CellRecord } from '../../testbed/result/cell-record.js';
import { Tool } from '../guest/tool.js';

const SYSTEM = 'nbd-swap';
const WORKLOAD = 'count-sort';
/** The smallest cell that swaps over the network; 6.1 does not boot in less. */
const SIZES = {
  'linux-2.6.38.8': { computeNode: '64M', footprint: '48M' },
  'linux-6.1': { computeNode: '96M', footprint: '64M' },
} as const;

/** Keeps every processor busy until it is disposed of. */
function load(): Disposable {
  const busy = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  );
  return {
    [Symbol.dispose]: () => {
      for (const child of busy) child.kill('SIGKILL');
    },
  };
}

/**
 * Network swap in virtual time, once on the machine as it is and once more, by `verify`, with every processor loaded.
 * @throws Error when the cell fails, does not swap, or is not the same to the bit
 */
export async function soakVirtualTime(line: string, say: (text: string) => void): Promise<void> {
  if (!(line in SIZES)) throw new Error(`no sizes are known for ${line}`);
  const { computeNode, footprint } = SIZES[line as keyof typeof SIZES];
  await using tool = await Tool.make();
  const file = join(tool.folder, 'virtual.json');
  const machines = { name: 'identity', time: 'virtual', memory: { computeNode }, repeats: 1 };
  const cells = { systems: [SYSTEM], workloads: [WORKLOAD], footprints: [footprint] };
  await writeFile(file, JSON.stringify({ ...machines, ...cells }));
  say(`swapping in virtual time on ${line}`);
  const finished = await tool.succeed('run', file, '--kernel', line, '--json');
  const { folder } = JSON.parse(finished.stdout) as RunOutcome;
  try {
    const cell = join(folder, 'cells', SYSTEM, WORKLOAD, footprint, 'r1.json');
    const record = JSON.parse(await readFile(cell, 'utf8')) as CellRecord;
    if ((record.measurement?.process?.majorFaults ?? 0) < 500) throw new Error('it did not have to swap');
    say(`digest ${String(record.virtualTime?.digest)}`);
    using _load = load();
    const again = await tool.succeed('verify', folder);
    say(again.stdout.trim());
  } finally {
    await rm(folder, { recursive: true });
  }
}
