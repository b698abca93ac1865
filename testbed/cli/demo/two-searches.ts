// SPDX-License-Identifier: MIT
import type { Command, TestbedNode } from '../../api/node/testbed-node.js';
import type { Context } from '../../base/host/context.js';
import { expectedChecksum } from '../../experiment/workload/oracle/expected.js';
import { parseReport, type WorkloadReport } from '../../experiment/workload/report.js';
import { SCRIPTS } from '../../machines/flow/flow.js';

/*
 * One search twice, with the same memory at home: swapping over the network, and stretched. How memory is bounded, and what
 * is timed, are as in `testbed run` (docs/scenarios.md).
 */

const MIB = 2 ** 20;

/** Sizes with which both fit into a minute and a half on emulated guests. */
export const SEARCH = { workload: 'linear-search', bytes: 32 * MIB, seed: 1n } as const;
export const BUDGET = '16M';

/** vm.page-cluster: swap reads ahead 2^3 pages, as the kernel does by itself. Without, it is some four times slower. */
const READ_AHEAD = '3';

const SET_UP = [`${SCRIPTS}/nbd-setup.sh`, 'compute-node'] as const;
/** What nbd-setup.sh has taken, so that programs have no more than the budget. */
const TAKEN = '/run/testbed/taken/memory';

const PROGRAM: Command = [SEARCH.workload, '--bytes', String(SEARCH.bytes), '--seed', String(SEARCH.seed)];

/** Leaves programs of the node so much memory that half of the search has to be swapped. */
export async function takeMemory(home: TestbedNode): Promise<void> {
  await home.succeed(SET_UP, { env: { EOS_BUDGET: BUDGET, EOS_PAGE_CLUSTER: READ_AHEAD } });
}

/** Undoes {@link takeMemory}; nothing was taken, nothing is done. */
export async function giveMemoryBack(home: TestbedNode): Promise<void> {
  await home.succeed(['rm', '-f', TAKEN]);
  await home.succeed(SET_UP);
}

export async function searchSwapping(home: TestbedNode): Promise<WorkloadReport> {
  return parseReport(await home.succeed(PROGRAM), SEARCH);
}

export async function searchStretched(home: TestbedNode): Promise<WorkloadReport> {
  const stdout = await home.succeed(['elastic', 'run', '--budget', BUDGET, '--', ...PROGRAM]);
  return parseReport(stdout, SEARCH);
}

/** Whether searches have found what this machine finds. */
export async function areRight(context: Context, reports: readonly WorkloadReport[]): Promise<boolean> {
  const { checksum } = await expectedChecksum(context, SEARCH);
  return reports.every((report) => report.checksum === checksum);
}
