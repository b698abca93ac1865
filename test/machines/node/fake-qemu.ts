// SPDX-License-Identifier: MIT
import { createInterface } from 'node:readline';
import { duplexPair, PassThrough, type Duplex } from 'node:stream';
import type {
  ArgumentVector,
  Exit,
  ProcessRunner,
  RunningProcess,
} from '../../../testbed/base/process/process-runner.js';
import { fakeProcesses } from '../../base/process/fake-processes.js';

/** A QEMU whose guest a test plays: what it prints, what it does over QMP, how it ends. */
export class FakeQemu implements RunningProcess {
  readonly pid = 4711;
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly channels: ReadonlyMap<number, Duplex>;
  readonly exited: Promise<Exit>;
  /** QMP commands that have come, but for the negotiation. */
  readonly commands: string[] = [];
  argv: ArgumentVector = ['qemu'];
  readonly #monitor: Duplex;
  #exit: (exit: Exit) => void = () => undefined;
  #ended = false;

  constructor() {
    const [ours, theirs] = duplexPair();
    this.#monitor = ours;
    this.channels = new Map([[3, theirs]]);
    this.exited = new Promise((resolve) => {
      this.#exit = resolve;
    });
    ours.write('{"QMP": {}}\n');
    createInterface({ input: ours }).on('line', (line) => {
      const { execute, id } = JSON.parse(line) as { execute: string; id: number };
      if (execute !== 'qmp_capabilities') this.commands.push(execute);
      if (!this.#ended) ours.write(`{"return": {"status": "running"}, "id": ${id}}\n`);
    });
  }

  /** The runner that starts this QEMU and nothing else. */
  get processes(): ProcessRunner {
    return {
      ...fakeProcesses(() => ({})),
      start: (argv) => {
        this.argv = argv;
        return Promise.resolve(this);
      },
    };
  }

  prints(...lines: readonly string[]): void {
    this.stdout.write(lines.map((line) => `${line}\r\n`).join(''));
  }

  announces(event: string, data: Readonly<Record<string, unknown>>): void {
    this.#monitor.write(`${JSON.stringify({ event, data })}\n`);
  }

  ends(exit: Partial<Exit>, complaint?: string): void {
    if (this.#ended) return;
    this.#ended = true;
    if (complaint !== undefined) this.stderr.write(`${complaint}\n`);
    this.stderr.end();
    this.stdout.end();
    this.#monitor.end();
    // As a pipe's, the output is closed only when it has been read.
    this.stdout.once('end', () => this.stdout.destroy());
    this.#exit({ code: undefined, signal: undefined, ...exit });
  }

  kill(signal: NodeJS.Signals): void {
    this.ends({ signal });
  }

  unref(): void {
    // Streams in memory keep nothing from ending.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SIGTERM');
    await this.exited;
  }
}
