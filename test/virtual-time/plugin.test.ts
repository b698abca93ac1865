// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { projectRoot } from '../../testbed/base/host/paths.js';
import type { Standstill } from '../../testbed/machines/cluster/virtual-time.js';
import type { QemuSpec } from '../../testbed/machines/node/qemu-spec.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import { startLockstepQemu } from '../../testbed/virtual-time/lockstep-qemu.js';
import { nicArguments } from '../../testbed/virtual-time/lockstep-command.js';
import { temporaryFolder, testContext } from '../products/image/test-context.js';
import { ScriptedGuest } from './scripted-guest.js';
import { lockstepPrograms, startCoordinator } from './simulation.js';

/** One of the guests of bare-guest/. */
type Program = 'idle-sender' | 'page-toucher';

/** A guest without a kernel, and without what only a kernel would be asked for. */
async function spec(folder: string, program: Program): Promise<QemuSpec> {
  const source = join(projectRoot(), 'test', 'virtual-time', 'bare-guest');
  await systemProcesses.succeed(['make', '-s', '-C', source, `O=${folder}`]);
  const made = {
    name: 'node1',
    memoryBytes: 64 * 2 ** 20,
    kernel: { bzImage: join(folder, program) },
    initrd: [],
    attachment: { qemuArguments: nicArguments('52:54:00:77:00:01') },
    accelerator: 'tcg',
    folder,
    kernelArguments: [],
  };
  return made as unknown as QemuSpec;
}

/** What it prints, each line with its instant. */
async function played(
  t: ExecutionContext,
  program: Program,
  quantumNs: number,
  pauses: readonly Standstill[] = [],
): Promise<readonly string[]> {
  const folder = await temporaryFolder(t);
  const { coordinator, socket } = await startCoordinator(t, 2, {
    time: { quantumNs },
    faults: { pauses },
    untilNs: 1e9,
  });
  const { plugin } = await lockstepPrograms();
  const clock = { plugin, socket, port: 1, shift: 0, seed: 1 };
  await using _guest = await startLockstepQemu(testContext(), await spec(folder, program), clock);
  await ScriptedGuest.join(socket, 2);
  const lines: string[] = [];
  for await (const event of coordinator.events())
    if ('console' in event && event.port === 1) lines.push(`${event.at} ${event.console.trim()}`);
  return lines;
}

test('an idle guest is told that its frame is sent when it is, whatever the quantum', async (t) => {
  const lines = await played(t, 'idle-sender', 50_000);
  const took = lines.map((line) => Number(/ sent within (\d+) ns$/.exec(line)?.[1]));
  t.is(took.length, 5);
  // A microsecond is the NIC's, the rest are the guest's instructions.
  for (const nanoseconds of took) t.true(nanoseconds > 1000 && nanoseconds < 1100, lines.join('\n'));
  t.deepEqual(await played(t, 'idle-sender', 7_000), lines);
});

for (const program of ['idle-sender', 'page-toucher'] as const) {
  test(`the ${program} does not notice that it is paused`, async (t) => {
    const plain = await played(t, program, 50_000);
    const instants = plain.map((line) => Number(line.split(' ')[0]));
    const [first = NaN, last = NaN] = [instants[0], instants.at(-1)];
    const fromNs = Math.round((first + last) / 2);
    const paused = await played(t, program, 50_000, [{ node: 'node1', fromNs, toNs: fromNs + 100_000_000 }]);
    const later = plain.map((line) => line.replace(/^\d+/, (at) => String(Number(at) + 100_000_000)));
    t.deepEqual(
      paused,
      plain.map((line, i) => ((instants[i] ?? NaN) < fromNs ? line : later[i])),
    );
  });
}

test('how much of its page tables a processor remembers is no matter of the host’s time', async (t) => {
  const lines = await played(t, 'page-toucher', 50_000);
  const forgotten = lines.map((line) => Number(/ flushes, forgotten: (\d+)$/.exec(line)?.[1]));
  t.is(forgotten.length, 2);
  const [few = NaN, many = NaN] = forgotten;
  // Half a second of flushes, which takes the host some milliseconds: QEMU has made its TLB smaller.
  t.true(few < 100 && many > 500, lines.join('\n'));
});
