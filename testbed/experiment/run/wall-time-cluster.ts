// SPDX-License-Identifier: MIT
import { pollUntil, withDeadline } from '../../base/clock/deadline.js';
import type { Context } from '../../base/host/context.js';
import type { Cluster } from '../../machines/cluster/cluster.js';
import { nodeName } from '../../machines/cluster/guest-identity.js';
import type { RemoteFinished, SshSession } from '../../machines/ssh/session.js';
import type { Cell } from '../scenario/plan.js';
import type { CellFlow } from '../scenario/system.js';
import type { BootedCluster, ScriptedCommand } from './machines.js';
import { type MeasuringCommand, measuringScript } from './script.js';

/** Time between two runs of a command that has a condition. */
const LOOK_MS = 100;

/** The machines of a cell in wall time: a booted cluster. Disposal ends it. */
export class WallTimeCluster implements BootedCluster {
  readonly accelerator: string;
  readonly network: Cluster['network'];
  readonly link: Cluster['link'];
  readonly script: readonly ScriptedCommand[];
  readonly #cluster: Cluster;

  constructor(context: Pick<Context, 'clock'>, cell: Cell, cluster: Cluster) {
    this.accelerator = cluster.accelerator;
    this.network = cluster.network;
    this.link = cluster.link;
    this.script = scriptOverSsh(context, cell, cluster.nodes);
    this.#cluster = cluster;
  }

  get nodes(): Cluster['nodes'] {
    return this.#cluster.nodes;
  }

  async runFlow(context: Context, { name, environment }: CellFlow): ReturnType<Cluster['runFlow']> {
    return await this.#cluster.runFlow(context, name, environment);
  }

  async whileAlive<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return await this.#cluster.whileAlive(work);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cluster[Symbol.asyncDispose]();
  }
}

/** A cell's script for nodes that are reached over ssh. A command is run when it is asked for. @param nodes node1 first */
export function scriptOverSsh(
  context: Pick<Context, 'clock'>,
  cell: Cell,
  nodes: readonly { readonly session: Pick<SshSession, 'exec'> }[],
): readonly ScriptedCommand[] {
  return measuringScript(cell).map((command) => {
    const session = nodes[command.node - 1]?.session;
    if (session === undefined) throw new RangeError(`${cell.id} has no ${nodeName(command.node)}`);
    return { command, run: async (signal) => runOverSsh(context, session, command, signal) };
  });
}

async function runOverSsh(
  { clock }: Pick<Context, 'clock'>,
  session: Pick<SshSession, 'exec'>,
  { argv, deadlineMs, until }: MeasuringCommand,
  signal: AbortSignal,
): Promise<RemoteFinished> {
  if (until !== undefined) {
    const wait = { what: until.what, deadlineMs: until.withinMs, everyMs: LOOK_MS, clock, signal };
    return await pollUntil(wait, async (inner) => {
      const answer = await session.exec(argv, { signal: inner });
      return until.shownBy(answer) ? answer : undefined;
    });
  }
  if (deadlineMs === undefined) return await session.exec(argv, { signal });
  const wait = { what: `the end of ${argv[0]}`, deadlineMs, clock, signal };
  return await withDeadline(wait, async (inner) => session.exec(argv, { signal: inner }));
}
