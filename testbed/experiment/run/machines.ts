// SPDX-License-Identifier: MIT
import type { ErrorRecord } from '../../base/error/testbed-error.js';
import type { Clock } from '../../base/clock/clock.js';
import type { FlowOutcome } from '../../machines/flow/run-flow.js';
import type { Context } from '../../base/host/context.js';
import type { LinkMeasurement, Network } from '../../machines/network/network.js';
import type { Node } from '../../machines/node/node.js';
import type { RemoteFinished } from '../../machines/ssh/session.js';
import type { HostLoad, MachinesRecord, VirtualTimeRecord } from '../result/cell-record.js';
import type { Cell } from '../scenario/plan.js';
import type { CellFlow } from '../scenario/system.js';
import type { MeasuringCommand } from './script.js';

/*
 * The seam between what is measured and what runs. It has two implementations: WallTimeCluster, whose machines run while
 * they are measured, and FinishedCluster of virtual-time/, whose machines have already run.
 */

/** Where a cell's machines come from. */
export interface Machines {
  /**
   * Boots fresh machines of the cell's shape.
   * @param folder an empty folder for their files; the console of node K goes to `node<K>/console.log`
   * @throws whatever keeps them from booting, when nothing is left running
   */
  boot(context: Context, cell: Cell, folder: string): Promise<BootedCluster>;
  /** Adds source files and lines to the stack traces of a guest's kernel in an error. */
  explain(error: ErrorRecord): Promise<ErrorRecord>;
}

/** Machines that have booted. Disposal ends them. */
export interface BootedCluster extends AsyncDisposable {
  /** Which accelerator, and why. */
  readonly accelerator: string;
  readonly network: Pick<Network, 'counters' | 'shortfalls'> & {
    readonly kind: MachinesRecord['network'];
  };
  /** Undefined for a single node. */
  readonly link: LinkMeasurement | undefined;
  /** The clock that guests' clocks are compared with; the host's when absent. */
  readonly clock?: Pick<Clock, 'now'>;
  /** The load of the host during the run, where the run is already over. Measured by the caller when absent. */
  readonly host?: HostLoad;
  /** Absent in wall time. */
  readonly virtualTime?: VirtualTimeRecord;
  /** node1 first: what is recorded of each, and what the host sees of it. */
  readonly nodes: readonly Pick<Node, 'name' | 'memoryBytes' | 'cpus' | 'pid' | 'commandLine' | 'oomKills'>[];
  /** Runs a set-up flow of the cell. They are run in the order of the cell. @throws what its failing step throws */
  runFlow(
    context: Context,
    flow: CellFlow,
  ): Promise<Pick<FlowOutcome, 'flow' | 'status' | 'reason' | 'steps'>>;
  /** The cell's {@link measuringScript}. A measurement can run nothing else on the nodes. */
  readonly script: readonly ScriptedCommand[];
  /** Runs `work` with a signal that is aborted when a guest dies. @throws GuestDiedError then */
  whileAlive<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** A command of a script, with the means to run it. */
export interface ScriptedCommand {
  readonly command: MeasuringCommand;
  /**
   * Resolves when the command has ended, with whatever status. One with a condition is run until its answer meets it.
   * @throws DeadlineError when that does not happen in time; RemoteError when the node no longer answers
   */
  readonly run: (signal: AbortSignal) => Promise<RemoteFinished>;
}
