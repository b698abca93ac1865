// SPDX-License-Identifier: MIT
import { parseArgs } from 'node:util';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { systemPaths } from '../../testbed/base/host/paths.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import type { TestbedStatus } from '../../testbed/supervisor/protocol.js';
import { expectedChecksum } from '../../testbed/experiment/workload/oracle/expected.js';
import type { WorkloadName } from '../../testbed/experiment/workload/workload.js';
import { Tool } from '../guest/tool.js';
import { interruptible } from '../run/interruptible.js';
import { ELASTIC_SOAKS } from './elasticos.js';
import { soakDebianTimes } from './debian-times.js';
import { soakExplore } from './explore.js';
import { soakVirtualTime } from './virtual-time.js';

/** Twice what the compute node of scenarios/soak.json has. */
const FOOTPRINT = 192 * 2 ** 20;

const WORKLOADS: readonly WorkloadName[] = ['linear-search', 'count-sort', 'block-sort'];

/**
 * `npm run soak [-- --minutes N --kernel LINE --only PART]`: thrashes network swap, ten minutes on 2.6.38.8 when nothing is said, one
 * workload after the other, each answer checked; then a stretched process jumps a million times, and what can go wrong does; then
 * virtual time has to repeat itself to the bit. A report of a guest's kernel, a wrong checksum or a guest that stands still ends it
 * with status 1. PART is swap, elasticos, virtual-time, or one of ElasticOS's own: elasticos/jumps (`--jumps N`, `--debug`),
 * elasticos/faults (`--at "sent PULL"` for some of them), elasticos/messages (`--rounds N`), elasticos/mmfuzz (`--operations N`,
 * `--seed N`, `--steps LIST`, `--letters TEXT`, `--debug`), elasticos/losses, elasticos/unused, elasticos/debian (`--at sort` for some
 * of its programs). Virtual time is soaked on both lines unless one is named, each cell `--runs N` times, every Nth time of
 * `--busy N` on a busy host; `--cell TEXT` picks some, and `--qemu bookworm-backports` runs them with the QEMU of that suite of
 * Debian's. virtual-time/explore is of its own too: a fault for each of `--seeds A..B`, on both lines unless one is named; and
 * virtual-time/debian, which says how long programs of Debian take, stretched and swapping (`--at sort`).
 */
async function soakSwap(line: string, minutes: number, signal: AbortSignal): Promise<void> {
  const expected = await expectedChecksums(signal);
  await using tool = await Tool.make({}, signal);
  await tool.succeed('up', 'scenarios/soak.json', '--kernel', line);
  say(`thrashing ${line} for ${minutes} minutes`);
  const end = systemClock.now() + minutes * 60_000;
  for (let run = 0; systemClock.now() < end; run += 1) {
    const workload = WORKLOADS[run % WORKLOADS.length] ?? 'linear-search';
    await thrash(tool, workload, expected.get(workload));
  }
  const { nodes } = await tool.json<TestbedStatus>('status');
  for (const { name, state, reason, oomKills } of nodes) {
    if (state !== 'up' || oomKills > 0) throw new Error(`${name}: ${reason ?? 'the OOM killer was at work'}`);
  }
  const log = await tool.succeed('exec', 'node1', '--', 'dmesg');
  if (log.stdout.includes('page allocation failure')) throw new Error('an allocation has failed on node1');
  const swapped = await tool.succeed('exec', 'node1', '--', 'grep', '^pswp', '/proc/vmstat');
  say(swapped.stdout.trim());
}

async function thrash(tool: Tool, workload: WorkloadName, checksum: string | undefined): Promise<void> {
  const argv = [workload, '--bytes', String(FOOTPRINT), '--seed', '1'];
  const finished = await tool.run(['exec', 'node1', '--', ...argv]);
  if (finished.code !== 0)
    throw new Error(`${workload} ended with ${String(finished.code)}: ${finished.stderr}`);
  const report = JSON.parse(finished.stdout) as { checksum: string; elapsedNanoseconds: number };
  if (report.checksum !== checksum)
    throw new Error(`${workload}: ${report.checksum}, not ${String(checksum)}`);
  say(`${workload}: right, ${(report.elapsedNanoseconds / 1e9).toFixed(1)} s`);
}

async function expectedChecksums(signal: AbortSignal): Promise<ReadonlyMap<WorkloadName, string>> {
  const context = { paths: systemPaths(), processes: systemProcesses, signal };
  const sums = new Map<WorkloadName, string>();
  for (const workload of WORKLOADS) {
    const { checksum } = await expectedChecksum(context, { workload, bytes: FOOTPRINT, seed: 1n });
    sums.set(workload, checksum);
  }
  return sums;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    kernel: { type: 'string' },
    jumps: { type: 'string', default: '1000000' },
    debug: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '1000' },
    operations: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    steps: { type: 'string', default: '' },
    letters: { type: 'string', default: '' },
    at: { type: 'string', default: '' },
    runs: { type: 'string', default: '20' },
    busy: { type: 'string', default: '2' },
    cell: { type: 'string', default: '' },
    qemu: { type: 'string' },
    seeds: { type: 'string', default: '1..200' },
    only: { type: 'string' },
  },
});
const wanted = (part: string): boolean =>
  values.only === undefined || part === values.only || part.startsWith(`${values.only}/`);

await interruptible(async (signal) => {
  const { kernel: line = 'linux-2.6.38.8', debug, at, steps, letters } = values;
  const lines = values.kernel === undefined ? ['linux-2.6.38.8', 'linux-6.1'] : [values.kernel];
  if (wanted('swap')) await soakSwap(line, Number(values.minutes), signal);
  for (const [name, soak] of Object.entries(ELASTIC_SOAKS)) {
    if (!wanted(`elasticos/${name}`)) continue;
    const [jumps, rounds] = [Number(values.jumps), Number(values.rounds)];
    const [operations, seed] = [Number(values.operations), Number(values.seed)];
    await soak({ line, debug, at, steps, letters, jumps, rounds, operations, seed, say, signal });
  }
  if (wanted('virtual-time')) {
    const { runs, busy, cell, qemu } = values;
    await soakVirtualTime({ lines, runs: Number(runs), busy: Number(busy), cell, qemu, say, signal });
  }
  if (wanted('virtual-time/explore')) {
    const [first = NaN, last = first] = values.seeds.split('..').map(Number);
    await soakExplore({ lines, first, last, say, signal });
  }
  if (wanted('virtual-time/debian')) {
    await soakDebianTimes({ lines, at, say, signal });
  }
  return 0;
});
