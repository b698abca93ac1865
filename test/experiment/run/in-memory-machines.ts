// SPDX-License-Identifier: MIT
import { systemClock } from '../../../testbed/base/clock/clock.js';
import type { ErrorRecord } from '../../../testbed/base/error/testbed-error.js';
import type { Context } from '../../../testbed/base/host/context.js';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BootedCluster, Machines } from '../../../testbed/experiment/run/machines.js';
import type { Cell } from '../../../testbed/experiment/scenario/plan.js';
import { scriptOverSsh } from '../../../testbed/experiment/run/wall-time-cluster.js';
import type { ExecOptions, RemoteFinished, SshSession } from '../../../testbed/machines/ssh/session.js';
import { findWorkload } from '../../../testbed/experiment/workload/workload.js';

/** How the guest of a cell behaves; what is left out goes well. */
export interface Behaviour {
  /** Thrown instead of booting. */
  readonly bootFailure?: Error;
  readonly checksum?: string;
  readonly majorFaults?: number;
  readonly residentBytes?: number;
  /** Number of the signal that ends the workload. */
  readonly signal?: number;
  /** Name of a process that the OOM killer ends. */
  readonly oomVictim?: string;
  /** Seconds that the guest's clock jumps ahead between two looks at it. */
  readonly clockJump?: number;
  /** The process that stands for the guest's QEMU; this one when left out. */
  readonly pid?: number;
  /** How long the workload takes. */
  readonly takesMs?: number;
  /** The workload goes on until it is told to stop. */
  readonly endless?: boolean;
}

/** The right answer of every workload here. */
export const RIGHT = '00000000c0ffee00';

/**
 * Machines that exist only in this process, to test the logic of a run: what is done with a guest that does not boot, a
 * workload that fails, a signal. That real guests are measured rightly is for test/guest/ to show.
 */
export class InMemoryMachines implements Machines {
  /** Ids of the cells that were booted, in order. */
  readonly booted: string[] = [];
  /** How many clusters are up. */
  up = 0;
  mostUp = 0;

  constructor(readonly behaviourOf: (cell: Cell) => Behaviour = () => ({})) {}

  explain = (error: ErrorRecord): Promise<ErrorRecord> => Promise.resolve(error);

  async boot(context: Pick<Context, 'clock'>, cell: Cell, folder: string): Promise<BootedCluster> {
    this.booted.push(cell.id);
    const behaviour = this.behaviourOf(cell);
    await mkdir(join(folder, 'node1'));
    await writeFile(join(folder, 'node1', 'console.log'), `console of ${cell.id}\n`);
    if (behaviour.bootFailure !== undefined) throw behaviour.bootFailure;
    this.up += 1;
    this.mostUp = Math.max(this.mostUp, this.up);
    const nodes = [node(cell, behaviour)];
    return {
      accelerator: 'memory',
      network: {
        kind: 'bridge',
        shortfalls: [],
        counters: () => Promise.resolve({ sentBytes: 0, receivedBytes: 0 }),
      },
      link: undefined,
      nodes,
      script: scriptOverSsh(context, cell, nodes),
      runFlow: (_, { name }) => Promise.resolve({ flow: name, status: 'done', steps: [] }),
      whileAlive: (work) => work(new AbortController().signal),
      [Symbol.asyncDispose]: () => {
        this.up -= 1;
        return Promise.resolve();
      },
    };
  }
}

function node(
  cell: Cell,
  behaviour: Behaviour,
): BootedCluster['nodes'][number] & { readonly session: Pick<SshSession, 'exec'> } {
  const oomKills: { process: string; pid: number }[] = [];
  let ahead = 0;
  const exec = async (argv: readonly string[], options: ExecOptions = {}): Promise<RemoteFinished> => {
    const program = argv.join(' ');
    if (program.includes('of=/dev/null')) return done('', 'resident 4096\n');
    if (program.startsWith('cat /proc/uptime')) {
      ahead += behaviour.clockJump ?? 0;
      return done(`${(performance.now() / 1000 + ahead).toFixed(2)} 0.00\npgmajfault 0\n`);
    }
    if (program.startsWith('cat')) return done(usage(cell, behaviour));
    if (behaviour.endless === true) await aborted(options.signal);
    if (behaviour.takesMs !== undefined) await systemClock.sleep(behaviour.takesMs);
    if (behaviour.oomVictim !== undefined) oomKills.push({ process: behaviour.oomVictim, pid: 42 });
    return behaviour.signal === undefined ? done(report(cell, behaviour)) : done('', '', behaviour.signal);
  };
  return {
    name: 'node1',
    memoryBytes: 0,
    cpus: 1,
    pid: behaviour.pid ?? process.pid,
    commandLine: ['qemu'],
    oomKills,
    session: { exec },
  };
}

function done(stdout: string, stderr = '', code = 0): RemoteFinished {
  return { code, signal: undefined, stdout, stderr };
}

async function aborted(signal: AbortSignal | undefined): Promise<never> {
  return await new Promise((_, reject) => {
    signal?.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
}

function report({ workload, footprintBytes, seed }: Cell, { checksum = RIGHT }: Behaviour): string {
  const { passes } = findWorkload(workload);
  const times = { fillNanoseconds: 1e8, elapsedNanoseconds: 5e8 };
  const bytes = { bytes: footprintBytes, bytesTouched: footprintBytes };
  return `${JSON.stringify({ workload, ...bytes, seed: String(seed), passes, checksum, ...times })}\n`;
}

function usage({ footprintBytes }: Cell, behaviour: Behaviour): string {
  const { signal, majorFaults = 1e6, residentBytes = footprintBytes / 2 } = behaviour;
  return [
    ...(signal === undefined ? [] : [`Command terminated by signal ${signal}`]),
    'elapsed 0.60',
    'user 0.50',
    'system 0.10',
    `major ${majorFaults}`,
    'minor 100',
    `resident ${residentBytes / 1024}`,
    '',
  ].join('\n');
}
