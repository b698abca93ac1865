// SPDX-License-Identifier: MIT
import { toErrorRecord } from '../../base/error/error-record.js';
import type { ErrorRecord } from '../../base/error/testbed-error.js';
import { stage } from '../../base/event/stage.js';
import type { StepOutcome } from '../../machines/flow/step.js';
import type { Context } from '../../base/host/context.js';
import type { CellRecord, FlowRecord, MachinesRecord } from '../result/cell-record.js';
import type { Cell } from '../scenario/plan.js';
import type { ExpectedAnswer } from '../workload/oracle/expected.js';
import { FlowUnavailableError } from './errors.js';
import type { BootedCluster, Machines } from './machines.js';
import { measure, oomKillsOf } from './measure.js';

/** What a cell is run with. */
export interface CellSetting {
  readonly machines: Machines;
  readonly expected: ExpectedAnswer;
  /** Empty, for the machines' files. */
  readonly folder: string;
}

/** A cell's record, without what is only known when its machines are gone. */
export type Findings = Pick<
  CellRecord,
  'status' | 'reason' | 'error' | 'machines' | 'flows' | 'measurement' | 'virtualTime'
>;

/**
 * Boots a cell's machines, sets them up, measures, and ends them. What goes wrong becomes part of the findings.
 * @throws the reason of `context.signal` only
 */
export async function runCell(context: Context, cell: Cell, setting: CellSetting): Promise<Findings> {
  const attempt = new Attempt(cell, setting);
  try {
    return await attempt.run(context);
  } catch (thrown) {
    context.signal.throwIfAborted();
    return attempt.broken(await setting.machines.explain(toErrorRecord(thrown)));
  }
}

/** A cell being run. Keeps what is known so far, in case it breaks off. */
class Attempt {
  readonly #cell: Cell;
  readonly #setting: CellSetting;
  readonly #flows: FlowRecord[] = [];
  #cluster: BootedCluster | undefined;
  #machines: MachinesRecord | undefined;

  constructor(cell: Cell, setting: CellSetting) {
    this.#cell = cell;
    this.#setting = setting;
  }

  async run(context: Context): Promise<Findings> {
    const { machines, folder, expected } = this.#setting;
    await using cluster = await machines.boot(context, this.#cell, folder);
    this.#cluster = cluster;
    this.#machines = machinesOf(cluster, this.#cell);
    return await cluster.whileAlive(async (alive) => {
      const inner = { ...context, signal: AbortSignal.any([context.signal, alive]) };
      await this.#setUp(inner, cluster);
      return await stage(inner, 'workload', this.#cell.workload, async () => {
        const { measurement, verdict } = await measure(inner, this.#cell, cluster, expected);
        return { ...verdict, ...this.#known, measurement };
      });
    });
  }

  /** Findings when something other than the workload failed. If an OOM killer was at work, that is the reason. */
  broken(error: ErrorRecord): Findings {
    const [kill] = this.#cluster === undefined ? [] : oomKillsOf(this.#cluster);
    const verdict =
      kill === undefined
        ? ({ status: 'error', reason: error.message } as const)
        : ({
            status: 'failed',
            reason: `out of memory on ${kill.node}: the OOM killer ended ${kill.process}; ${error.message}`,
          } as const);
    return { ...verdict, ...this.#known, error };
  }

  get #known(): Pick<Findings, 'machines' | 'flows' | 'virtualTime'> {
    const virtualTime = this.#cluster?.virtualTime;
    return {
      ...(this.#machines === undefined ? {} : { machines: this.#machines }),
      flows: this.#flows,
      ...(virtualTime === undefined ? {} : { virtualTime }),
    };
  }

  async #setUp(context: Context, cluster: BootedCluster): Promise<void> {
    for (const flow of this.#cell.flows) {
      const { status, reason, steps } = await cluster.runFlow(context, flow);
      if (status === 'skipped') throw new FlowUnavailableError(flow.name, reason ?? 'it does not say why');
      this.#flows.push({ ...flow, steps: steps.map(stepRecord) });
    }
  }
}

function stepRecord(outcome: StepOutcome): FlowRecord['steps'][number] {
  const { step, node } = outcome;
  const facts = outcome.status === 'done' ? outcome.facts : undefined;
  return { step, node, ...(facts === undefined ? {} : { facts }) };
}

function machinesOf(cluster: BootedCluster, { shape }: Cell): MachinesRecord {
  const { accelerator, network, link, nodes } = cluster;
  return {
    accelerator,
    network: network.kind,
    shortfalls: network.shortfalls,
    ...(link === undefined ? {} : { link }),
    nodes: nodes.map(({ name, memoryBytes, cpus, commandLine }, index) => ({
      name,
      role: shape.nodes[index]?.role ?? 'compute',
      memoryBytes,
      cpus,
      commandLine,
    })),
  };
}
