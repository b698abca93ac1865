// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { pollUntil, withDeadline } from '../../testbed/base/clock/deadline.js';
import { projectRoot } from '../../testbed/base/host/paths.js';
import type { Finished, RunningProcess } from '../../testbed/base/process/process-runner.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import type { NodeStatus, TestbedStatus } from '../../testbed/supervisor/protocol.js';
import type { Tool } from './tool.js';

/** Why ElasticOS cannot be tried on a kernel line; undefined when it can. Fault points are the debug variant's. */
export function withoutElasticOS(line: string, variant: 'release' | 'debug' = 'release'): string | undefined {
  const [file, symbol] =
    variant === 'release' ? ['config', 'CONFIG_ELASTICOS'] : ['config.debug', 'CONFIG_ELASTICOS_DEBUG'];
  const config = readFileSync(join(projectRoot(), 'kernel-patches', line, file), 'utf8');
  return config.includes(`\n${symbol}=y\n`) ? undefined : `its ${file} has no ${symbol}`;
}

/** What the checker counts: pages of the process, those that break the rule, and how many each node has. */
export interface Proof {
  readonly pages: number;
  readonly wrong: number;
  readonly held: readonly number[];
  /** A line for each page that breaks the rule. */
  readonly complaints: readonly string[];
}

/** Options of `pair home`: one page at a time, and of two faults in turn the first is a pull and the second a jump. */
export const ALWAYS_JUMP: readonly string[] = [
  'mode=threshold',
  'threshold=2',
  'window=1',
  'budget=50',
  'delay=5',
];

/** Pulls with read-ahead, pushes and jumps in turn. */
export function mixed(budgetPages: number): readonly string[] {
  return ['mode=threshold', 'threshold=5', `budget=${String(budgetPages)}`, 'delay=5'];
}

/** What `pair` says last of a process that SIGKILL or SIGBUS has ended. */
export const ENDED_BY_SIGNAL = /^pair: ended, status (?:9|7|89|87)$/;

/** Pages that a shell may hold before it gives some away itself, where a test does not say. */
const SHELL_BUDGET = 8192;

/**
 * Nodes that `pair` joins for a process: one is its home, every other has a shell for one process after the other.
 * The home is the first of `nodes`, and number 0 to ElasticOS; the others follow.
 */
export class StretchedNodes implements AsyncDisposable {
  readonly #shells: RunningProcess[] = [];

  private constructor(
    readonly tool: Tool,
    readonly nodes: readonly NodeStatus[],
    readonly port: number,
    readonly shellBudgets: readonly number[],
  ) {}

  /**
   * Loads the module on every node that is up, and starts the shells of one home; each home has a port.
   * @param shellBudgets pages that the shell of each other node may hold, in their order
   */
  static async join(
    tool: Tool,
    { home = 'node1', port = 7000, shellBudgets = [] as readonly number[] } = {},
  ): Promise<StretchedNodes> {
    const { nodes } = await tool.json<TestbedStatus>('status');
    const others = nodes.filter(({ name }) => name !== home);
    const joined = new StretchedNodes(
      tool,
      [...nodes.filter((node) => !others.includes(node)), ...others],
      port,
      shellBudgets,
    );
    try {
      await joined.load();
      await joined.startShells();
    } catch (thrown) {
      await joined[Symbol.asyncDispose]();
      throw thrown;
    }
    return joined;
  }

  get home(): NodeStatus {
    const [home] = this.nodes;
    if (home === undefined) throw new RangeError('a testbed without nodes');
    return home;
  }

  async load(): Promise<void> {
    await this.onEach('modprobe', 'elasticos');
  }

  /** @throws ProgramFailedError when something of a stretched process is left somewhere */
  async unload(): Promise<void> {
    await this.onEach('rmmod', 'elasticos');
  }

  async startShells(): Promise<void> {
    const [, ...others] = this.nodes;
    const addresses = others.map(({ address }) => address);
    for (const [index, node] of others.entries()) {
      const budget = this.shellBudgets[index] ?? SHELL_BUDGET;
      const place = [this.home.address, String(this.port), String(index + 1), String(budget)];
      const shell = await this.tool.start(
        'exec',
        node.name,
        '--',
        'pair',
        'shell',
        ...place,
        ...addresses.slice(0, index),
      );
      this.#shells.push(shell);
      drain(shell.stdout);
      drain(shell.stderr);
    }
  }

  /** Ends the shells' manager on every node, and with it the shells. */
  async stopShells(): Promise<void> {
    for (const shell of this.#shells.splice(0)) await shell[Symbol.asyncDispose]();
  }

  /** Runs a command at home to its end; `options` are those of `pair home`, which stretches to all nodes unless told `nodes=`. */
  async run(options: readonly string[], command: readonly string[]): Promise<Finished> {
    return await this.tool.run(['exec', this.home.name, '--', ...this.#home(options, command)]);
  }

  /** Starts a command at home, and returns when it is stretched to every node. */
  async begin(options: readonly string[], command: readonly string[]): Promise<StretchedProcess> {
    const running = await this.tool.start('exec', this.home.name, '--', ...this.#home(options, command));
    drain(running.stderr);
    const process = new StretchedProcess(this, running);
    await process.stretched(this.nodes.length - 1);
    return process;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopShells();
  }

  async onEach(...argv: readonly string[]): Promise<readonly string[]> {
    const each = this.nodes.map(async ({ name }) => this.tool.succeed('exec', name, '--', ...argv));
    return (await Promise.all(each)).map(({ stdout }) => stdout);
  }

  /** Blocks of /proc/elasticos for processes that are stretched, by node. */
  async sessions(): Promise<readonly (readonly ReadonlyMap<string, string>[])[]> {
    return (await this.onEach('cat', '/proc/elasticos')).map((text) =>
      text
        .split('\n\n')
        .filter((block) => block.startsWith('pid '))
        .map((block) => counters(block)),
    );
  }

  /** The sum of a counter over all sessions of some nodes, or of all of them; ended sessions too. */
  async counted(counter: string, names = this.nodes.map(({ name }) => name)): Promise<number> {
    const texts = names.map(async (name) => this.tool.succeed('exec', name, '--', 'cat', '/proc/elasticos'));
    return (await Promise.all(texts))
      .flatMap(({ stdout }) => stdout.split('\n'))
      .filter((text) => text.startsWith(`${counter} `))
      .reduce((sum, text) => sum + Number(text.split(' ')[1]), 0);
  }

  /** Waits until no node knows of any stretched process. */
  async allGone(): Promise<void> {
    const { signal } = this.tool;
    const wait = { what: 'the end of every session', deadlineMs: 30_000, everyMs: 200, clock: systemClock };
    await pollUntil(
      { ...wait, signal },
      async () => (await this.sessions()).every((blocks) => blocks.length === 0) || undefined,
    );
  }

  /** Has something go wrong on a node of the debug variant; see kernel-patches/elasticos/fault.c. */
  async arm(node: string, fault: string): Promise<void> {
    await this.tool.succeed('exec', node, '--', 'sh', '-c', `echo ${fault} >/proc/elasticos_fault`);
  }

  /** Waits until that has happened. */
  async firedOn(node: string): Promise<void> {
    const done = 'until grep -q done /proc/elasticos_fault; do usleep 20000; done';
    await this.tool.succeed('exec', node, '--', 'timeout', '30', 'sh', '-c', done);
  }

  #home(options: readonly string[], command: readonly string[]): readonly string[] {
    const nodes = `nodes=${String(this.nodes.length)}`;
    return ['pair', 'home', String(this.port), ...options, nodes, '--', ...command];
  }
}

/** A process that is stretched over all nodes. Disposal ends it. */
export class StretchedProcess implements AsyncDisposable {
  readonly #lines: string[] = [];
  #pid: number | undefined;

  constructor(
    readonly on: StretchedNodes,
    readonly running: RunningProcess,
  ) {
    const { stdout } = running;
    if (stdout === undefined) throw new Error('the command has no standard output');
    createInterface({ input: stdout }).on('line', (line) => this.#lines.push(line));
  }

  /** What it and `pair` have said so far. */
  get output(): readonly string[] {
    return this.#lines;
  }

  get pid(): number {
    if (this.#pid === undefined) throw new Error('the process is not stretched yet');
    return this.#pid;
  }

  /** Waits until it is stretched to `count` nodes. */
  async stretched(count: number): Promise<void> {
    const { signal } = this.on.tool;
    const wait = { what: 'the stretch', deadlineMs: 60_000, everyMs: 50, clock: systemClock };
    await pollUntil({ ...wait, signal, excerpt: () => this.output }, () => {
      const said = this.#lines.filter((line) => line.includes(' stretched to node '));
      this.#pid = Number(/^pair: (\d+) /.exec(said[0] ?? '')?.[1]);
      return Promise.resolve(said.length >= count || undefined);
    });
  }

  /** Waits until it has said something. */
  async says(pattern: RegExp, deadlineMs = 30_000): Promise<void> {
    const { signal } = this.on.tool;
    const wait = { what: String(pattern), deadlineMs, everyMs: 50, clock: systemClock };
    await pollUntil({ ...wait, signal, excerpt: () => this.output }, () =>
      Promise.resolve(this.#lines.some((line) => pattern.test(line)) || undefined),
    );
  }

  async signal(name: string): Promise<void> {
    await this.on.tool.succeed('exec', this.on.home.name, '--', 'kill', `-${name}`, String(this.pid));
  }

  /** Ends it, unless it has ended. */
  async kill(): Promise<void> {
    await this.on.tool.run(['exec', this.on.home.name, '--', 'kill', '-KILL', String(this.pid)]);
    await this.ended();
  }

  /** Waits for its end. @returns `pair`'s status: the command's own, 128 when a signal ended it */
  async ended(deadlineMs = 60_000): Promise<number | undefined> {
    const { signal } = this.on.tool;
    const wait = { what: 'the end of the process', deadlineMs, clock: systemClock, signal };
    const { code } = await withDeadline(wait, async () => this.running.exited);
    return code;
  }

  /** Pid of its shell, by node; at home its own. */
  async pids(): Promise<readonly number[]> {
    const sessions = await this.on.sessions();
    return sessions.map((blocks, node) => (node === 0 ? this.pid : Number(blocks[0]?.get('pid'))));
  }

  /**
   * Stops the process, reads where every page is from the page tables of all nodes, checks that it is in one place,
   * and lets the process go on. SIGSTOP recalls the execution, so that everything is parked meanwhile.
   */
  async prove(): Promise<Proof> {
    const { on } = this;
    const { tool, nodes } = on;
    await this.signal('STOP');
    const stopped = `until grep -q "^State:.T" /proc/${String(this.pid)}/status; do usleep 20000; done`;
    await tool.succeed('exec', on.home.name, '--', 'timeout', '30', 'sh', '-c', stopped);
    const files: string[] = [];
    for (const [node, pid] of (await this.pids()).entries()) {
      const name = nodes[node]?.name ?? '';
      const map = await tool.succeed('exec', name, '--', 'pagemap', String(pid));
      files.push(join(tool.folder, `map-${name}`));
      await writeFile(files.at(-1) ?? '', map.stdout);
    }
    await this.signal('CONT');
    return await check(files);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.running[Symbol.asyncDispose]();
  }
}

/** Applies pagemap-check to what `pagemap` printed on home and on the other nodes. */
export async function check(files: readonly string[]): Promise<Proof> {
  const checker = join(projectRoot(), 'guests', 'elastic', 'trials', 'pagemap-check');
  const { code, stdout } = await systemProcesses.run(['awk', '-f', checker, ...files]);
  const lines = stdout.trimEnd().split('\n');
  const [, pages, wrong, held] =
    /^pages (\d+) wrong (\d+)((?: node\d+ \d+)*)$/.exec(lines.at(-1) ?? '') ?? [];
  if (pages === undefined || wrong === undefined || held === undefined)
    throw new Error(`pagemap-check: ${stdout}`);
  if ((code === 0) !== (wrong === '0')) throw new Error(`pagemap-check ends with ${String(code)}: ${stdout}`);
  return {
    pages: Number(pages),
    wrong: Number(wrong),
    held: [...held.matchAll(/node\d+ (\d+)/g)].map(([, count]) => Number(count)),
    complaints: lines.slice(0, -1),
  };
}

/** "name value" lines. */
export function counters(text: string): ReadonlyMap<string, string> {
  const pairs = text
    .split('\n')
    .map((line) => line.split(' '))
    .filter(({ length }) => length > 1);
  return new Map(pairs.map(([name, ...value]) => [name ?? '', value.join(' ')]));
}

/** Nobody reads it, and the pipe must not fill. */
function drain(stream: Readable | undefined): void {
  stream?.resume();
}
