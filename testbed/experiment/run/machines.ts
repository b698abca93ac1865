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
 * The seam between what is measured and what runs. WallTimeCluster implements it on machines that run while they are
 * measured, virtual-time/ on machines that have run already.
 */

/** Where a cell's machines come from. */
export interface Machines {
  /**
   * Boots fresh machines of the cell's shape.
   * @param folder an empty folder for their files; node K's console is to be found in `node<K>/console.log`
   * @throws whatever keeps them from booting; nothing is left running then
   */
  boot(context: Context, cell: Cell, folder: string): Promise<BootedCluster>;
  /** What is recorded of an error: stack traces of a guest's kernel with source files and lines. */
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
  /** The clock by which its guests' clocks are to be judged; the host's when absent. */
  readonly clock?: Pick<Clock, 'now'>;
  /** What else the host did meanwhile, where what is asked of the guests has happened already. */
  readonly host?: HostLoad;
  /** How it went in virtual time; absent in wall time. */
  readonly virtualTime?: VirtualTimeRecord;
  /** In order, node1 first: what is recorded of them, and what the host sees. */
  readonly nodes: readonly Pick<Node, 'name' | 'memoryBytes' | 'cpus' | 'pid' | 'commandLine' | 'oomKills'>[];
  /** Runs a set-up flow of the cell, each in its turn. @throws whatever its failing step said */
  runFlow(
    context: Context,
    flow: CellFlow,
  ): Promise<Pick<FlowOutcome, 'flow' | 'status' | 'reason' | 'steps'>>;
  /** The cell's {@link measuringScript}, command for command: a measurement can run nothing else on the nodes. */
  readonly script: readonly ScriptedCommand[];
  /** Runs `work` with a signal that is aborted when a guest dies. @throws GuestDiedError then */
  whileAlive<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** A command of a script, on machines that can run it or have run it. */
export interface ScriptedCommand {
  readonly command: MeasuringCommand;
  /**
   * Resolves when it has ended, whatever its status, and its condition, if it has one, is shown.
   * @throws DeadlineError when that does not happen in time; RemoteError when its node cannot be asked any more
   */
  readonly run: (signal: AbortSignal) => Promise<RemoteFinished>;
}
