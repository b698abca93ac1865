// SPDX-License-Identifier: MIT
import { nodeAddress } from '../../testbed/machines/network/addressing.js';
import type { Scheduled } from './scheduled-programs.js';
import type { PlannedStep } from '../../testbed/virtual-time/operator-plan.js';

/** A cell in virtual time that shows much in little time: a scenario with one cell. */
export interface VirtualCell {
  readonly scenario: Readonly<Record<string, unknown>>;
  /** What is done on its guests, where that is nothing that a scenario could say. */
  readonly steps?: readonly PlannedStep[];
  /** What is run on its guests, once they are set up, in place of its workload. */
  readonly programs?: readonly Scheduled[];
  /** What has to come of it, as `status: reason`. */
  readonly outcome: RegExp;
}

/** RAM with which a line boots; 6.1 does not unpack its root file system with less. */
const RAM: Readonly<Record<string, string>> = { 'linux-2.6.38.8': '64M', 'linux-6.1': '96M' };

/**
 * RAM for a stretched process. Of the 96M of 6.1 its manager finds 24.1 MiB free, no more than the budget: nothing would be left for
 * what is under way to a node that does not answer.
 */
const STRETCHED_RAM: Readonly<Record<string, string>> = { ...RAM, 'linux-6.1': '128M' };

/** What a stretched process may have at home: its code, which counts, has to be a small part of it. */
const BUDGET: Readonly<Record<string, string>> = { 'linux-2.6.38.8': '8M', 'linux-6.1': '24M' };

const OK = /^ok$/;

/** One node, on which a little is computed. */
export function alone(line: string): VirtualCell {
  const matrix = { systems: ['local'], workloads: ['heap-sort'], footprints: ['64K'] };
  return { scenario: scenario(RAM[line], '4M', matrix), outcome: OK };
}

/** A little more than what memory holds in the end, over the network. Less than 8M keeps what calibrates the accounts from its work. */
export function networkSwap(line: string): VirtualCell {
  return {
    scenario: scenario(RAM[line], '8M', {
      systems: ['nbd-swap'],
      workloads: ['count-sort'],
      footprints: ['14M'],
    }),
    outcome: OK,
  };
}

/** A process that jumps between `nodes` nodes. */
export function elasticSearch(line: string, nodes: number): VirtualCell {
  return { scenario: stretched(line, nodes), outcome: OK };
}

/** As many nodes as there can be, each with an eighth of the speed. */
export function slowSearch(line: string): VirtualCell {
  return {
    scenario: { ...stretched(line, 4), virtualTime: { shift: 3 } },
    outcome: OK,
  };
}

/**
 * A process that is stretched over three nodes while frames are lost and come late. The link of the node that it pushes to is
 * cut for longer than TCP waits before it sends again, and at last that node crashes, with what it has of the process: the
 * process, which is at home, goes on until it touches one of those pages.
 * @param computing when the process computes where nothing goes wrong, in virtual nanoseconds
 */
export function misfortune(
  line: string,
  computing: { readonly from: number; readonly to: number },
): VirtualCell {
  const { from, to } = computing;
  const at = (part: number): string => `${Math.round((from + part * (to - from)) / 1000)}us`;
  const faults = {
    loss: 0.001,
    jitter: '20us',
    cuts: [{ node: 'node2', from: at(0.4), to: at(0.6) }],
    crashes: [{ node: 'node2', at: at(0.8) }],
  };
  return {
    scenario: { ...stretched(line, 3), virtualTime: { faults } },
    // SIGBUS; node2 is number 1 to ElasticOS.
    outcome: /^failed: the workload was ended by signal 7: node 1 is lost \(-\d+\), its pages are gone$/,
  };
}

/** A process that is stretched over `nodes` nodes with a lease of its own, while something goes wrong. */
export function unlucky(
  line: string,
  nodes: number,
  plan: {
    readonly lease: string;
    readonly seed?: number;
    readonly faults: object;
    /** Of the link; a longer one lets guests run ahead farther, which is faster. */
    readonly delay?: string;
    /** In place of a search. */
    readonly programs?: readonly Scheduled[];
  },
  outcome = OK,
): VirtualCell {
  const { lease, seed = 1, faults, delay = '50us', programs } = plan;
  return {
    ...(programs === undefined ? {} : { programs }),
    scenario: {
      ...stretched(line, nodes),
      link: { delay },
      elastic: { lease },
      virtualTime: { seed, faults },
    },
    outcome,
  };
}

/** Echoes as fast as they come back, in both directions. */
export function pingFlood(line: string): VirtualCell {
  const step = (node: string, to: string): PlannedStep => ({
    node,
    argv: ['ping', '-f', '-c', '2000', '-s', '400', to],
    env: {},
    delayMs: 0,
    deadlineMs: 60_000,
    onFailure: 'stop',
  });
  return {
    scenario: networkSwap(line).scenario,
    steps: [step('node1', '10.77.0.2'), step('node2', '10.77.0.1')],
    outcome: OK,
  };
}

/** Nodes with the programs of Debian, whose managers run, and a memory node for swap: what follows is run on node1. */
export function debianProgram(nodes: number, argv: PlannedStep['argv']): VirtualCell {
  const names = Array.from({ length: nodes }, (_, i) => `node${String(i + 1)}`);
  const step = (node: string, words: PlannedStep['argv'], env: PlannedStep['env'] = {}): PlannedStep => ({
    node,
    argv: words,
    env: { EOS_LOCAL_ADDRESS: addressOf(node), EOS_REMOTE_MACHINE: peerOf(node), ...env },
    delayMs: 0,
    deadlineMs: 3_600_000,
    onFailure: 'stop',
  });
  const [home = '', lender = '', ...others] = names;
  return {
    scenario: scenario('192M', '24M', {
      systems: ['elasticos'],
      workloads: ['linear-search'],
      footprints: [{ size: '1.5x', nodes }],
    }),
    steps: [
      ...[lender, ...others].map((name) => step(name, ['setup-dest.sh'])),
      step(home, ['setup-src.sh']),
      step(lender, ['nbd-setup.sh', 'memory-node'], { EOS_NBD_SIZE: '24M' }),
      step(home, argv),
      ...names.map((name) => step(name, ['cat', '/proc/elasticos'])),
    ],
    outcome: OK,
  };
}

function addressOf(node: string): string {
  return nodeAddress(Number(node.slice('node'.length)));
}

/** Home's is the first that lends; everybody else's is home. */
function peerOf(node: string): string {
  return nodeAddress(node === 'node1' ? 2 : 1);
}

function stretched(line: string, nodes: number): VirtualCell['scenario'] {
  const footprints = [{ size: nodes > 2 ? '2x' : '1.5x', nodes }];
  return scenario(STRETCHED_RAM[line], BUDGET[line] ?? '', {
    systems: ['elasticos'],
    workloads: ['linear-search'],
    footprints,
  });
}

function scenario(computeNode: string | undefined, budget: string, matrix: object): VirtualCell['scenario'] {
  if (computeNode === undefined) throw new Error('nobody knows how much RAM this line needs');
  return { name: 'identity', time: 'virtual', memory: { computeNode, budget }, repeats: 1, ...matrix };
}
