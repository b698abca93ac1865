// SPDX-License-Identifier: MIT
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Context } from '../base/host/context.js';
import type { LinkSpec } from '../machines/network/network.js';
import type { RunningProcess } from '../base/process/process-runner.js';
import { CoordinatorLostError } from './errors.js';
import type { VirtualTime } from '../machines/cluster/virtual-time.js';

/** An event that the coordinator reports, as lockstep/report.h describes it. Times are in virtual nanoseconds. */
export type CoordinatorEvent =
  | { readonly at: number; readonly port: number; readonly console: string }
  | {
      readonly at: number;
      readonly port: number;
      readonly report: string;
      readonly sent: readonly number[];
      readonly received: readonly number[];
      /** Frames sent on the whole network so far. */
      readonly frames: number;
    }
  | { readonly at: number; readonly port: number; readonly crashed: true }
  | { readonly at: number; readonly port: number; readonly left: string }
  | { readonly at: number; readonly port: number; readonly paused: true }
  | { readonly now: number; readonly waiting: readonly number[] }
  | { readonly at: number; readonly over: string; readonly rounds: number };

export interface CoordinatorRequest {
  readonly program: string;
  /** Socket that the guests' plugins connect to. Its path has to be short: 107 bytes at most. */
  readonly socket: string;
  /** Number of nodes. The operator has the port after theirs. */
  readonly nodes: number;
  readonly time: VirtualTime;
  readonly link: LinkSpec;
  /** File of the capture. Unused when `time.captureBytes` is 0. */
  readonly capture: string;
  readonly deadlineNs: number;
  /** A node to stop for a debugger, and when. */
  readonly pause?: { readonly port: number; readonly atNs: number };
}

/** The process that owns the guests' clock and the network between them. */
export class Coordinator implements AsyncDisposable {
  readonly #running: RunningProcess;
  readonly #complaints: string[] = [];
  readonly #lines: AsyncIterator<string>;

  private constructor(running: RunningProcess) {
    this.#running = running;
    if (running.stdout === undefined) throw new Error('the coordinator was started without its pipes');
    this.#lines = createInterface({ input: running.stdout })[Symbol.asyncIterator]();
    // When the coordinator ends, its output ends; that is where we notice it.
    running.stdin?.on('error', () => undefined);
    if (running.stderr !== undefined)
      createInterface({ input: running.stderr }).on('line', (line) => this.#complaints.push(line));
  }

  /** Resolves when guests may connect. @throws CoordinatorLostError when it refuses its settings */
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

  /** Yields all events, in the order of virtual time, until the run is over. @throws CoordinatorLostError */
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

  /** Asks it to end, which ends all guests. Events continue until it has ended. */
  end(): void {
    this.#running.stdin?.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running[Symbol.asyncDispose]();
  }
}

/** The settings that it reads when it starts, as lockstep/settings.h describes them. */
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
    ...faults.cuts.map(
      ({ node, fromNs, toNs, other, way = 'both' }) =>
        `cut ${port(node)} ${fromNs} ${toNs} ${other === undefined ? 0 : port(other)} ${way}`,
    ),
    ...faults.crashes.map(({ node, atNs }) => `crash ${port(node)} ${atNs}`),
    ...(faults.pauses ?? []).map(({ node, fromNs, toNs }) => `suspend ${port(node)} ${fromNs} ${toNs}`),
    ...(pause === undefined ? [] : [`pause ${pause.port} ${pause.atNs}`]),
    'start',
  ];
  return lines.map((line) => `${line}\n`).join('');
}
