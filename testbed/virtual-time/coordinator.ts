// SPDX-License-Identifier: MIT
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Context } from '../base/host/context.js';
import type { LinkSpec } from '../machines/network/network.js';
import type { RunningProcess } from '../base/process/process-runner.js';
import { CoordinatorLostError } from './errors.js';
import type { VirtualTime } from '../machines/cluster/virtual-time.js';

/** What the coordinator says; lockstep/report.h has the details. Times in virtual nanoseconds. */
export type CoordinatorEvent =
  | { readonly at: number; readonly port: number; readonly console: string }
  | {
      readonly at: number;
      readonly port: number;
      readonly report: string;
      readonly sent: readonly number[];
      readonly received: readonly number[];
      /** Sent so far, on the whole network. */
      readonly frames: number;
    }
  | { readonly at: number; readonly port: number; readonly crashed: true }
  | { readonly at: number; readonly port: number; readonly left: string }
  | { readonly at: number; readonly port: number; readonly paused: true }
  | { readonly now: number; readonly waiting: readonly number[] }
  | { readonly at: number; readonly over: string; readonly rounds: number };

export interface CoordinatorRequest {
  readonly program: string;
  /** Where the guests' plugins come in; short, a socket's path has 107 bytes at most. */
  readonly socket: string;
  /** Nodes, and behind them the operator. */
  readonly nodes: number;
  readonly time: VirtualTime;
  readonly link: LinkSpec;
  /** Where the capture goes, if there is to be one. */
  readonly capture: string;
  readonly deadlineNs: number;
  /** A node to be stopped as by a debugger, and when. */
  readonly pause?: { readonly port: number; readonly atNs: number };
}

/** Owner of the guests' clock, and the network between them: a process. */
export class Coordinator implements AsyncDisposable {
  readonly #running: RunningProcess;
  readonly #complaints: string[] = [];
  readonly #lines: AsyncIterator<string>;

  private constructor(running: RunningProcess) {
    this.#running = running;
    if (running.stdout === undefined) throw new Error('the coordinator was started without its pipes');
    this.#lines = createInterface({ input: running.stdout })[Symbol.asyncIterator]();
    // A coordinator that has gone is seen by its output's end.
    running.stdin?.on('error', () => undefined);
    if (running.stderr !== undefined)
      createInterface({ input: running.stderr }).on('line', (line) => this.#complaints.push(line));
  }

  /** Resolves when guests may come in. @throws CoordinatorLostError when it does not like its settings */
  static async start(context: Context, request: CoordinatorRequest): Promise<Coordinator> {
    await rm(request.socket, { force: true });
    const running = await context.processes.start([request.program], {
      stdio: ['pipe', 'pipe', 'pipe'],
      orphan: 'dies',
    });
    const coordinator = new Coordinator(running);
    running.stdin?.write(settingsText(request));
    const first = await coordinator.#lines.next();
    if (first.done === true) {
      await coordinator[Symbol.asyncDispose]();
      throw new CoordinatorLostError(coordinator.#complaints);
    }
    return coordinator;
  }

  /** Everything that happens, in the order of virtual time, to the end. @throws CoordinatorLostError */
  async *events(): AsyncGenerator<CoordinatorEvent> {
    for (;;) {
      const line = await this.#lines.next();
      if (line.done === true) {
        await this.#running.exited;
        throw new CoordinatorLostError(this.#complaints);
      }
      const event = JSON.parse(line.value) as CoordinatorEvent;
      yield event;
      if ('over' in event) return;
    }
  }

  /** Asks it to end, and with it all guests; events go on until it has. */
  end(): void {
    this.#running.stdin?.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running[Symbol.asyncDispose]();
  }
}

/** What it reads before it begins; lockstep/settings.h says what may stand there. */
export function settingsText(request: CoordinatorRequest): string {
  const { time, link, nodes, pause } = request;
  const { faults } = time;
  const port = (node: string): string => node.replace('node', '');
  const lines = [
    `socket ${request.socket}`,
    ...(time.captureBytes > 0 ? [`capture ${request.capture} ${time.captureBytes}`] : []),
    `ports ${nodes + 1}`,
    `spared ${nodes + 1}`,
    `quantum ${time.quantumNs}`,
    `deadline ${request.deadlineNs}`,
    `latency ${link.delayUs * 1000}`,
    `bandwidth ${link.bandwidth}`,
    `queue ${time.queueBytes}`,
    `seed ${time.seed}`,
    `loss ${faults.loss}`,
    `duplicate ${faults.duplicate}`,
    `reorder ${faults.reorder.part} ${faults.reorder.byNs}`,
    `jitter ${faults.jitterNs}`,
    ...faults.cuts.map(({ node, fromNs, toNs }) => `cut ${port(node)} ${fromNs} ${toNs}`),
    ...faults.crashes.map(({ node, atNs }) => `crash ${port(node)} ${atNs}`),
    ...(pause === undefined ? [] : [`pause ${pause.port} ${pause.atNs}`]),
    'start',
  ];
  return lines.map((line) => `${line}\n`).join('');
}
