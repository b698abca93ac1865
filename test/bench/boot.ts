// SPDX-License-Identifier: MIT
import { cp } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import type { TestbedStatus } from '../../testbed/supervisor/protocol.js';
import type { Tool } from '../guest/tool.js';
import type { ByHand } from './by-hand.js';
import type { Figure } from './figure.js';
import { inTurn, seconds } from './stopwatch.js';

const UP = ['up', '--no-flow'];

/** Warm `up` to ssh on both nodes against the same two QEMUs started by hand; then `up` while it is up. */
export async function bootFigures(tool: Tool, kernel: string): Promise<readonly Figure[]> {
  const up = [...UP, '--kernel', kernel];
  const status = await tool.json<TestbedStatus>(...up);
  const plan = await byHand(tool, status);
  const again = await inTurn(
    3,
    async () => seconds(async () => tool.succeed(...up)),
    async () => Promise.resolve(0),
  );
  await tool.succeed('down');
  const boot = await inTurn(
    3,
    async () => {
      const took = await untilSsh(tool, up);
      await tool.succeed('down');
      return took;
    },
    async () => handStarted(plan, tool.signal),
  );
  return [
    { name: 'warm up to ssh on both, against by hand', ...boot, unit: 's', compare: 'ratio', bound: 1.5 },
    { name: 'up when already up', ...again, unit: 's', compare: 'absolute', bound: 1 },
  ];
}

/** From the command's start to the moment at which the second session is open; the link's measurement comes after. */
async function untilSsh(tool: Tool, up: readonly string[]): Promise<number> {
  const start = systemClock.now();
  await using command = await tool.start(...up);
  let open = 0;
  let took = NaN;
  if (command.stderr !== undefined) {
    for await (const line of createInterface({ input: command.stderr })) {
      if (/ done Boot node\d/.test(line)) open += 1;
      if (open === 2 && Number.isNaN(took)) took = (systemClock.now() - start) / 1000;
    }
  }
  await command.exited;
  return took;
}

/** The guests' files are kept aside: the next `up` writes new keys. */
async function byHand(tool: Tool, status: TestbedStatus): Promise<ByHand> {
  const folder = join(tool.folder, 'by-hand');
  await cp(status.folder, folder, { recursive: true });
  return {
    folder,
    identity: join(folder, 'id_ed25519'),
    knownHosts: join(folder, 'known_hosts'),
    nodes: status.nodes.map(({ name, address, commandLine }) => ({
      name,
      address,
      commandLine: commandLine.map((word) => word.replaceAll(status.folder, folder)),
    })),
  };
}

async function handStarted(plan: ByHand, signal: AbortSignal): Promise<number> {
  const program = fileURLToPath(new URL('by-hand.js', import.meta.url));
  const { stdout } = await systemProcesses.succeed(
    ['unshare', '--net', '--', process.execPath, program, JSON.stringify(plan)],
    { signal },
  );
  return Number(stdout.trim());
}
