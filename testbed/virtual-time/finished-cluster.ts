// SPDX-License-Identifier: MIT
import type { Clock } from '../base/clock/clock.js';
import { DeadlineError } from '../base/clock/deadline.js';
import type { Context } from '../base/host/context.js';
import type { HostLoad, VirtualTimeRecord } from '../experiment/result/cell-record.js';
import type { BootedCluster, ScriptedCommand } from '../experiment/run/machines.js';
import type { MeasuringCommand } from '../experiment/run/script.js';
import { nodeName } from '../machines/cluster/guest-identity.js';
import { type Faults, ownTimeNs } from '../machines/cluster/virtual-time.js';
import { listensIn } from '../machines/flow/evidence.js';
import type { FlowNode, FlowPlace } from '../machines/flow/flow-node.js';
import { type FlowOutcome, runFlow } from '../machines/flow/run-flow.js';
import type { Network } from '../machines/network/network.js';
import type { ExecOptions, RemoteFinished } from '../machines/ssh/session.js';
import { PlannedCrashError, TranscriptError } from './errors.js';
import { type CellPlan, type PlannedStep, stepsOf } from './operator-plan.js';
import type { Moment, StepTranscript } from './transcript.js';

/** A run of a plan in virtual time, from the guests' start to their end. */
export interface FinishedRun {
  readonly plan: CellPlan;
  /** One for each step of the plan, or as many as there were until the run ended. */
  readonly transcript: readonly StepTranscript[];
  /** Why the run ended before its plan did. Thrown when a step is asked for that was not reached. */
  readonly failure: Error | undefined;
  readonly nodes: readonly (BootedCluster['nodes'][number] & FlowPlace)[];
  /** What the scenario plans. */
  readonly faults: Pick<Faults, 'crashes' | 'pauses'>;
  readonly accelerator: string;
  readonly host: HostLoad;
  readonly virtualTime: VirtualTimeRecord;
}

/**
 * Machines that have already run a plan to its end. An experiment uses them like any others. Only the steps of the plan
 * can be run on them. Each answer comes from the transcript, and the clock then shows when that step ended. It is the clock of
 * the node that computes, which stands still while that node is paused.
 */
export class FinishedCluster implements BootedCluster {
  readonly accelerator: string;
  readonly link = undefined;
  readonly host: HostLoad;
  readonly virtualTime: VirtualTimeRecord;
  readonly nodes: BootedCluster['nodes'];
  readonly script: readonly ScriptedCommand[];
  readonly clock: Pick<Clock, 'now'> = {
    now: () => ownTimeNs(this.#run.faults, nodeName(1), this.#moment.atNs) / 1e6,
  };
  readonly network: Pick<Network, 'counters' | 'shortfalls'> & { readonly kind: 'simulated' } = {
    kind: 'simulated',
    shortfalls: [],
    counters: (index) => Promise.resolve(this.#moment.traffic[index - 1] ?? NO_TRAFFIC),
  };
  readonly #run: FinishedRun;
  readonly #steps: readonly PlannedStep[];
  #flowsDone = 0;
  #flowStepsDone = 0;
  #moment: Moment = { atNs: 0, traffic: [] };

  constructor(run: FinishedRun) {
    this.#run = run;
    this.#steps = stepsOf(run.plan);
    this.accelerator = run.accelerator;
    this.host = run.host;
    this.virtualTime = run.virtualTime;
    this.nodes = run.nodes;
    const first = this.#steps.length - run.plan.measuring.length;
    this.script = run.plan.measuring.map(({ command }, i) => ({
      command,
      run: async () => this.#answerOf(command, first + i),
    }));
  }

  /** Runs the next flow of the plan, which are those of the cell. Delays have already passed in the guests' time. */
  async runFlow(context: Context): Promise<FlowOutcome> {
    const planned = this.#run.plan.flows[this.#flowsDone];
    if (planned === undefined) throw new RangeError('the cell has no more flows');
    this.#flowsDone += 1;
    const { flow, environment } = planned;
    const steps = flow.steps.map((step) => ({ ...step, delayMs: 0 }));
    return await runFlow(context, { ...flow, steps }, this.#flowNodes(), environment);
  }

  async whileAlive<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return await work(new AbortController().signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing runs any more.
  }

  /** A flow runs its steps in the order in which they were planned, so the order alone finds the answer. */
  #flowNodes(): readonly FlowNode[] {
    return this.#run.nodes.map(({ name, role, address }) => ({
      name,
      role,
      address,
      exec: async (_, options) => {
        this.#flowStepsDone += 1;
        return await this.#replay(this.#flowStepsDone - 1, options);
      },
      listens: (port) => {
        const sockets = this.#run.transcript[this.#flowStepsDone - 1]?.sockets ?? '';
        return Promise.resolve(listensIn(sockets, port));
      },
    }));
  }

  async #answerOf({ until }: MeasuringCommand, index: number): Promise<RemoteFinished> {
    const answer = await this.#replay(index);
    if (until !== undefined && !until.shownBy(answer))
      throw new DeadlineError(until.what, this.#steps[index]?.delayMs ?? 0);
    return answer;
  }

  /** Answers a step of the plan from the transcript. */
  async #replay(index: number, options: ExecOptions = {}): Promise<RemoteFinished> {
    const { transcript, failure, faults } = this.#run;
    const [planned, step] = [this.#steps[index], transcript[index]];
    // Where there is no failure, the operator has said `over`.
    if (planned === undefined || step === undefined) throw failure ?? new TranscriptError('over');
    this.#moment = step.end;
    const { node, argv } = planned;
    const crash = faults.crashes.find((one) => one.node === node && one.atNs <= step.end.atNs);
    if (crash !== undefined && step.how !== 0) throw new PlannedCrashError(node, crash.atNs, argv);
    await options.onStdout?.(Buffer.from(step.stdout));
    await options.onStderr?.(Buffer.from(step.stderr));
    if (step.how === 'expired') throw new DeadlineError(`the end of ${argv[0]}`, planned.deadlineMs);
    if (step.how === 'running') return await untilAborted(options.signal);
    return { code: step.how, signal: undefined, stdout: step.stdout, stderr: step.stderr };
  }
}

const NO_TRAFFIC = { sentBytes: 0, receivedBytes: 0 };

async function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return await new Promise((_, reject) => {
    signal?.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
}
