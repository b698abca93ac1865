// SPDX-License-Identifier: MIT
import type { Clock } from '../base/clock/clock.js';
import { DeadlineError } from '../base/clock/deadline.js';
import type { BootedCluster, CellNode } from '../experiment/run/machines.js';
import { SOCKETS } from '../machines/flow/evidence.js';
import { loadFlow } from '../machines/flow/load-flow.js';
import type { FlowNode } from '../machines/flow/pairing.js';
import { type FlowOutcome, runFlow } from '../machines/flow/run-flow.js';
import type { Context } from '../base/host/context.js';
import type { Network } from '../machines/network/network.js';
import type { HostLoad, VirtualTimeRecord } from '../experiment/result/cell-record.js';
import { RemoteCommandFailed } from '../machines/ssh/errors.js';
import type { ExecOptions, RemoteFinished } from '../machines/ssh/session.js';
import { NotPlannedError, PlannedCrashError } from './errors.js';
import type { PlannedStep } from './operator-plan.js';
import type { Moment, StepTranscript } from './transcript.js';
import type { Faults } from '../machines/cluster/virtual-time.js';

export interface Played {
  readonly steps: readonly PlannedStep[];
  readonly transcript: readonly StepTranscript[];
  /** Why there is no more of the transcript: thrown at who asks for it. */
  readonly failure: Error | undefined;
  readonly nodes: readonly (CellNode['machine'] & { readonly role: FlowNode['role'] })[];
  /** That were planned. */
  readonly crashes: Faults['crashes'];
  readonly accelerator: string;
  readonly host: HostLoad;
  readonly virtualTime: VirtualTimeRecord;
}

/**
 * Machines that have run to their end already, by a plan. To an experiment they are like any others: what it asks of them
 * is answered from the transcript, in the order of the plan, and its clock is where the transcript is.
 */
export class PlayedCluster implements BootedCluster {
  readonly accelerator: string;
  readonly link = undefined;
  readonly host: HostLoad;
  readonly virtualTime: VirtualTimeRecord;
  readonly nodes: readonly CellNode[];
  readonly clock: Pick<Clock, 'now'> = { now: () => this.#moment.atNs / 1e6 };
  readonly network: Pick<Network, 'counters' | 'shortfalls'> & { readonly kind: 'simulated' } = {
    kind: 'simulated',
    shortfalls: [],
    counters: (index) => Promise.resolve(this.#moment.traffic[index - 1] ?? NO_TRAFFIC),
  };
  readonly #played: Played;
  #next = 0;
  #moment: Moment = { atNs: 0, traffic: [] };

  constructor(played: Played) {
    this.#played = played;
    this.accelerator = played.accelerator;
    this.host = played.host;
    this.virtualTime = played.virtualTime;
    this.nodes = played.nodes.map((machine) => {
      const { name } = machine.spec;
      const exec: CellNode['session']['exec'] = (argv, options) => this.#exec(name, argv, options);
      return { machine, session: { exec, succeed: succeeding(name, exec) } };
    });
  }

  async runFlow(
    context: Context,
    name: string,
    environment: Readonly<Record<string, string>>,
  ): Promise<FlowOutcome> {
    const flow = await loadFlow(context.paths, name);
    // Delays have been waited out in the guests' time.
    const steps = flow.steps.map((step) => ({ ...step, delayMs: 0 }));
    return await runFlow(context, { ...flow, steps }, this.#places(), environment);
  }

  async whileAlive<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return await work(new AbortController().signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing of them runs any more.
  }

  #places(): readonly FlowNode[] {
    return this.#played.nodes.map(({ spec, role }, i) => ({
      name: spec.name,
      role,
      address: spec.attachment.address,
      session: this.nodes[i]?.session ?? { exec: (argv) => this.#exec(spec.name, argv) },
    }));
  }

  async #exec(
    node: string,
    argv: readonly [string, ...string[]],
    options: ExecOptions = {},
  ): Promise<RemoteFinished> {
    const before = this.#played.transcript[this.#next - 1];
    if (before?.how === 'running' && same(argv, SOCKETS)) return finished(0, before.sockets, '');
    const { steps, transcript, failure } = this.#played;
    const index = this.#find(node, argv);
    const [planned, step] = [steps[index], transcript[index]];
    if (planned === undefined || step === undefined)
      throw failure ?? new NotPlannedError(node, argv, undefined);
    this.#next = index + 1;
    this.#moment = step.end;
    const crash = this.#played.crashes.find((one) => one.node === node && one.atNs <= step.end.atNs);
    if (crash !== undefined && step.how !== 0) throw new PlannedCrashError(node, crash.atNs, argv);
    await options.onStdout?.(Buffer.from(step.stdout));
    await options.onStderr?.(Buffer.from(step.stderr));
    if (step.how === 'expired') throw new DeadlineError(`the end of ${argv[0]}`, planned.deadlineMs);
    if (step.how === 'running') return await untilAborted(options.signal);
    return finished(step.how, step.stdout, step.stderr);
  }

  /** The next step, or one behind it: what a step has left is of no interest to anybody once it has failed. */
  #find(node: string, argv: readonly string[]): number {
    const { steps } = this.#played;
    for (const [i, planned] of [...steps.entries()].slice(this.#next)) {
      if (planned.node === node && same(planned.argv, argv)) return i;
      if (planned.onFailure === 'stop') break;
    }
    throw new NotPlannedError(node, argv, steps[this.#next]?.argv);
  }
}

const NO_TRAFFIC = { sentBytes: 0, receivedBytes: 0 };

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, i) => word === b[i]);
}

function finished(code: number, stdout: string, stderr: string): RemoteFinished {
  return { code, signal: undefined, stdout, stderr };
}

function succeeding(node: string, exec: CellNode['session']['exec']): CellNode['session']['succeed'] {
  return async (argv, options) => {
    const outcome = await exec(argv, options);
    if (outcome.code !== 0)
      throw new RemoteCommandFailed(node, argv, outcome, `${outcome.stdout}\n${outcome.stderr}`);
    return outcome;
  };
}

async function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return await new Promise((_, reject) => {
    signal?.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
}
