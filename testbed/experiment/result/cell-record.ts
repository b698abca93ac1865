// SPDX-License-Identifier: MIT
import type { ErrorRecord } from '../../base/error/testbed-error.js';
import type { CellFinished } from '../../base/event/event.js';
import type { LinkMeasurement } from '../../machines/network/network.js';
import type { Role, SystemId } from '../scenario/scenario.js';
import type { CellFlow } from '../scenario/system.js';
import type { WorkloadName } from '../workload/workload.js';

/**
 * `ok`: measured, and every byte right. `failed`: the workload did not do its work, or did it wrong. `invalid`: it did, but
 * not under the pressure that was to be measured. `error`: the testbed could not measure it; a resumed run tries again.
 */
export type CellStatus = CellFinished['status'];

/** `cells/<id>.json` of a run, as schema/cell.schema.json describes it. */
export interface CellRecord {
  readonly format: 1;
  readonly id: string;
  readonly system: SystemId;
  readonly workload: WorkloadName;
  readonly footprintBytes: number;
  readonly seed: number;
  readonly repeat: number;
  readonly status: CellStatus;
  /** Why, for every status but ok. */
  readonly reason?: string;
  /** For `error`: everything that was said. */
  readonly error?: ErrorRecord;
  /** ISO 8601. */
  readonly startedAt: string;
  /** All of it, from before the boot to after the end of the machines. */
  readonly wallSeconds: number;
  /** Absent when they did not boot. */
  readonly machines?: MachinesRecord;
  /** Set-up flows that were run, with the facts that their scripts reported. */
  readonly flows: readonly FlowRecord[];
  /** Absent when the workload was not started. */
  readonly measurement?: Measurement;
  /** Absent in wall time. */
  readonly virtualTime?: VirtualTimeRecord;
  /** Paths of console logs, relative to the run's folder. */
  readonly consoles: readonly string[];
}

export interface MachinesRecord {
  readonly accelerator: string;
  readonly network: 'bridge' | 'switch' | 'simulated';
  /** What the host lacked for the network that was asked for. */
  readonly shortfalls: readonly string[];
  /** Absent for a single node. */
  readonly link?: LinkMeasurement;
  readonly nodes: readonly {
    readonly name: string;
    readonly role: Role;
    readonly memoryBytes: number;
    readonly cpus: number;
    /** QEMU and its arguments. */
    readonly commandLine: readonly string[];
  }[];
}

/** A run in virtual time. */
export interface VirtualTimeRecord {
  /** sha256 (hex) over consoles, transcript and capture, which are the same whenever the cell is run. */
  readonly digest: string;
  /** From the guests' start to the end of what counts. */
  readonly virtualNanoseconds: number;
  /** Sent by all until the operator said something last. */
  readonly frames: number;
  /** What it was made with; kernel and image are the run's. */
  readonly inputs: VirtualTimeInputs;
  /** Paths of what is kept, relative to the run's folder; there need not be a capture. */
  readonly transcript: string;
  readonly capture?: string;
}

/** sha256 (hex) of what a run in virtual time depends on beside kernel, image and cell. */
export interface VirtualTimeInputs {
  /** Over QEMU's binary and the firmware that it gives to guests. */
  readonly qemu: string;
  /** Over coordinator and plugin, as they were built. */
  readonly lockstep: string;
  /** Over everything that the operator does. */
  readonly plan: string;
}

export interface FlowRecord extends CellFlow {
  readonly steps: readonly {
    readonly step: string;
    readonly node: string;
    readonly facts?: Readonly<Record<string, unknown>>;
  }[];
}

/** What was seen while a workload ran. */
export interface Measurement {
  /** How it ended: by itself with `code`, by a signal's number, or because its deadline passed. */
  readonly end: WorkloadEnd;
  /** What it reported; absent when it did not. */
  readonly report?: {
    readonly bytesTouched: number;
    readonly passes: number;
    readonly checksum: string;
    readonly fillNanoseconds: number;
    /** Of the measured phase: the figure that tables show. */
    readonly elapsedNanoseconds: number;
  };
  /** What an independent implementation on the host says about the same footprint and seed. */
  readonly expected: { readonly checksum: string; readonly bytesTouched: number };
  /** The kernel's accounts of the process; absent when it was killed together with what read them. */
  readonly process?: ProcessRecord;
  /** Of a cell that stretches; absent when the shells could not be asked. */
  readonly elastic?: ElasticRecord;
  /** Of a cell with trials: its workload, then each of them. */
  readonly trials?: readonly TrialRecord[];
  /** Of the whole guest on which it ran. */
  readonly paging: PagingRecord;
  /** Whether that guest's seconds, in which the workload measured, were seconds. */
  readonly clock: GuestClock;
  /** Whole Ethernet frames over that guest's link, and `wireBytes`: those that any guest of the cell has sent. */
  readonly network: {
    readonly sentBytes: number;
    readonly receivedBytes: number;
    readonly wireBytes: number;
  };
  readonly host: HostLoad;
  /** Processes that a guest's OOM killer ended. */
  readonly oomKills: readonly { readonly node: string; readonly process: string; readonly pid: number }[];
}

export type WorkloadEnd =
  | { readonly how: 'exit'; readonly code: number }
  | { readonly how: 'signal'; readonly signal: number }
  | { readonly how: 'deadline'; readonly seconds: number };

/** From getrusage(2): fill and measured phase together. */
export interface ProcessRecord {
  readonly elapsedSeconds: number;
  readonly userSeconds: number;
  readonly systemSeconds: number;
  readonly majorFaults: number;
  readonly minorFaults: number;
  readonly peakResidentBytes: number;
  /** Number of the signal that ended it. */
  readonly signal?: number;
}

/** What an elastic process did elsewhere than at home, and on the way there. */
export interface ElasticRecord {
  /** Its tasks on other nodes, by what wait4(2) told their parents there. */
  readonly shells: readonly {
    readonly node: string;
    readonly userSeconds: number;
    readonly systemSeconds: number;
    readonly peakResidentBytes: number;
  }[];
  /** The kernel module's, of all nodes together. */
  readonly counters: ElasticCounters;
  /** What the module on the home node says of a process that it has ended, or that has lost pages. */
  readonly reason?: string;
}

/** Something that was tried on the machines of a cell. */
export interface TrialRecord {
  /** The workload's name, or that of a trial. */
  readonly name: string;
  /** When it began, in virtual time since the guests' start. */
  readonly fromNanoseconds: number;
  /** Why it is not ok. */
  readonly reason?: string;
}

export interface ElasticCounters {
  readonly jumps: number;
  /** Registers, without the pages that are sent ahead. */
  readonly jumpBytes: number;
  /** Questions asked. */
  readonly pulls: number;
  /** Whose contents came in answer. */
  readonly pulledPages: number;
  /** Batches sent. */
  readonly pushes: number;
  readonly pushedPages: number;
  /** Of messages, without what TCP adds. */
  readonly bytesSent: number;
}

/** From /proc/vmstat. */
export interface PagingRecord {
  readonly majorFaults: number;
  readonly pagesSwappedIn: number;
  readonly pagesSwappedOut: number;
}

/** An interval around the workload by the guest's clock, and between which bounds it lies by the host's. */
export interface GuestClock {
  readonly guestSeconds: number;
  readonly hostSecondsAtLeast: number;
  readonly hostSecondsAtMost: number;
}

/** What else the host did meanwhile. */
export interface HostLoad {
  /** Of the last minute, before and after. */
  readonly loadAverage: { readonly before: number; readonly after: number };
  /** Part of all processors that processes other than ours used, 0 to 1. */
  readonly others: number;
  /** Part that a hypervisor took. */
  readonly stolen: number;
  /** Whether the two together are above the limit in docs/scenarios.md. */
  readonly noisy: boolean;
  /** A QEMU or the host that stood still while the workload ran, in words. Absent when none did. */
  readonly standstill?: string;
}
