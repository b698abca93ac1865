// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { Duplex } from 'node:stream';
import { execa } from 'execa';
import { systemClock } from '../clock/clock.js';
import { Waits } from '../clock/waits.js';
import { ProgramFailedError, ProgramMissingError } from './errors.js';
import type {
  ArgumentVector,
  Exit,
  Finished,
  ProcessRunner,
  RunningProcess,
  RunOptions,
  StartOptions,
} from './process-runner.js';

/** Time between SIGTERM and SIGKILL when a process is disposed of. */
const GRACE_MS = 2_000;

/** Real processes. */
export const systemProcesses: ProcessRunner = {
  run,
  async succeed(argv, options) {
    const finished = await run(argv, options);
    if (finished.code !== 0) throw new ProgramFailedError(argv, finished);
    return finished;
  },
  start,
};

async function run(argv: ArgumentVector, options: RunOptions = {}): Promise<Finished> {
  options.signal?.throwIfAborted();
  const [file, ...rest] = argv;
  using _open = Waits.begin({ what: `the end of ${basename(file)}` });
  // It gets a process group of its own, so that an abort reaches the children of make and apt too.
  const child = execa(file, rest, {
    reject: false,
    detached: true,
    cleanup: true,
    stripFinalNewline: false,
    buffer: options.keep !== 'discard',
    maxBuffer: 512 * 1024 * 1024,
    stdin: options.input === undefined ? 'ignore' : 'pipe',
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  const onAbort = (): void => {
    if (child.pid !== undefined) killGroup(child.pid, options.endedBy ?? 'SIGKILL');
  };
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const lines = [
      eachLine(child.stdout, options.onLine, 'stdout'),
      eachLine(child.stderr, options.onLine, 'stderr'),
    ];
    const result = await child;
    await Promise.all(lines);
    options.signal?.throwIfAborted();
    if (result.code === 'ENOENT') throw new ProgramMissingError(file, result);
    if (result.exitCode === undefined && result.signal === undefined) throw result as unknown as Error;
    return {
      stdout: text(result.stdout),
      stderr: text(result.stderr),
      code: result.exitCode,
      signal: result.signal,
    };
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
  }
}

function text(output: unknown): string {
  return typeof output === 'string' ? output : '';
}

async function eachLine(
  stream: NodeJS.ReadableStream,
  onLine: RunOptions['onLine'],
  name: 'stdout' | 'stderr',
): Promise<void> {
  if (onLine === undefined) {
    stream.resume();
    return;
  }
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) onLine(line, name);
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has already ended.
  }
}

async function start(argv: ArgumentVector, options: StartOptions): Promise<RunningProcess> {
  const dies = options.orphan === 'dies';
  const [file, ...rest] = dies ? (['setpriv', '--pdeathsig', 'KILL', '--', ...argv] as const) : argv;
  const child = spawn(file, rest, {
    stdio: [...(options.stdio ?? ['ignore', 'pipe', 'pipe'])],
    // Ctrl-C is ours to act upon, and gdb's; what we have started is ended in its order.
    detached: true,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
  });
  const exited = exitOf(child);
  try {
    await once(child, 'spawn');
  } catch (thrown) {
    throw new ProgramMissingError(file, thrown);
  }
  return new SystemProcess(child, argv, exited);
}

async function exitOf(child: ChildProcess): Promise<Exit> {
  return await new Promise<Exit>((resolve) => {
    child.once('error', () => {
      resolve({ code: 127, signal: undefined });
    });
    child.once('exit', (code, signal) => {
      resolve({ code: code ?? undefined, signal: signal ?? undefined });
    });
  });
}

/** From the fourth on, a `pipe` of child_process is a socket pair, and its stream is a socket. */
function channelsOf(child: ChildProcess): ReadonlyMap<number, Duplex> {
  const channels = new Map<number, Duplex>();
  child.stdio.forEach((stream, descriptor) => {
    if (descriptor > 2 && stream instanceof Duplex) channels.set(descriptor, stream);
  });
  return channels;
}

class SystemProcess implements RunningProcess {
  readonly pid: number;
  readonly stdin;
  readonly stdout;
  readonly stderr;
  readonly channels;
  readonly #child: ChildProcess;

  constructor(
    child: ChildProcess,
    readonly argv: ArgumentVector,
    readonly exited: Promise<Exit>,
  ) {
    this.#child = child;
    this.pid = child.pid ?? -1;
    this.stdin = child.stdin ?? undefined;
    this.stdout = child.stdout ?? undefined;
    this.stderr = child.stderr ?? undefined;
    this.channels = channelsOf(child);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  unref(): void {
    this.#child.unref();
    for (const pipe of this.#child.stdio) if (pipe instanceof Socket) pipe.unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.kill('SIGTERM');
    const timer = new AbortController();
    const grace = systemClock.sleep(GRACE_MS, timer.signal).then(
      () => {
        this.kill('SIGKILL');
      },
      () => undefined,
    );
    await this.exited;
    timer.abort();
    await grace;
  }
}
